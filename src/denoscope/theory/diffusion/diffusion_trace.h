// What a reverse process does to a block of starts, step by step: the record that every linear
// process shares, so that all can be seen in one picture.
//
// States are coordinates of y - m in the eigenbasis u_k of the data covariance: u_k is axis k.
// Symbols: d modes, B starts (columns), T steps, so T + 1 states; K reported ratios.
#pragma once

#include <Eigen/Dense>
#include <string>

namespace denoscope {

// Column or entry j is the state after j steps. Not a number where all states have vanished.
struct ProcessTrace {
  std::string process;
  Eigen::Index trials = 0, starts = 0;
  Eigen::VectorXd sigmas;        // (T+1), the noise level of each state; 0: a clean estimate
  Eigen::VectorXd cosine;        // mean |cos| of the state to u_0
  Eigen::VectorXd cosine_error;  // its standard error: over trials, over starts if there is but one
  Eigen::MatrixXd mode_ratios;   // (K,T+1), root of E c_k^2 / E c_0^2, E over starts and trials
  Eigen::MatrixXd spectrum;      // (d,T+1), E c_k^2; beside it belongs lambda_k + sigma^2
  Eigen::VectorXd diversity;     // participation ratio of the states, mean over trials
  Eigen::VectorXd spread;        // root mean square distance of two states of a trial
  Eigen::VectorXd norm;          // root mean square length; may underflow to 0, the ratios do not
  Eigen::MatrixXd final_states;  // (d,B) of the first trial, to be looked at as images
};

// (tr C)^2 / tr C^2 of the covariance C of the columns, divisor B - 1: how many directions they
// fill evenly; 1 when all lie on one line. NaN below two states or when they are equal. O(B^2 d).
double ParticipationRatio(const Eigen::MatrixXd& states);

// The same of B draws from N(0, diag(lambda)), as the ratio of the two expectations, (a^2 + 2 b/v)
// over (b + (a^2 + b)/v) with a = sum lambda, b = sum lambda^2, v = B - 1: few starts show less
// than the a^2/b of the whole distribution.
double ExpectedParticipation(const Eigen::VectorXd& lambda, Eigen::Index starts);

class TraceRecorder {
 public:
  // modes is clipped to d.
  TraceRecorder(std::string process, const Eigen::VectorXd& sigmas, Eigen::Index modes);
  // The state 2^exponent `states`, next in order.
  void Record(const Eigen::MatrixXd& states, int exponent = 0);
  ProcessTrace Finish(const Eigen::MatrixXd& final_states, int exponent = 0);

 private:
  ProcessTrace trace_;
  Eigen::Index modes_ = 0, recorded_ = 0;
};

// Traces of one process over trials, added in order, made into one: sums of all that is averaged,
// of the squares of spread and norm.
struct TraceSums {
  ProcessTrace sum;
  Eigen::VectorXd cosine_squares;

  void Add(const ProcessTrace& trial);
  void Merge(const TraceSums& later);
  ProcessTrace Mean() const;
};

}  // namespace denoscope
