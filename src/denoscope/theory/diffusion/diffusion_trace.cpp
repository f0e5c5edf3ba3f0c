#include "denoscope/theory/diffusion/diffusion_trace.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

MatrixXd Ratios(const MatrixXd& spectrum, Index modes) {
  const Index k = std::min(modes, spectrum.rows());
  const MatrixXd leading = spectrum.topRows(k);
  return (leading.array().rowwise() / spectrum.row(0).array()).sqrt();
}

// Root mean square distance of two different columns: sqrt(2 tr C), C with divisor B - 1.
double Spread(const MatrixXd& states) {
  if (states.cols() < 2) return kNan;
  const double total = (states.colwise() - states.rowwise().mean()).squaredNorm();
  return std::sqrt(2 * total / static_cast<double>(states.cols() - 1));
}

double StandardError(double sum, double squares, Index count) {
  if (count < 2) return kNan;
  const double n = static_cast<double>(count);
  return std::sqrt(std::max(0.0, squares - sum * sum / n) / (n * (n - 1)));
}

}  // namespace

double ParticipationRatio(const MatrixXd& states) {
  if (states.cols() < 2) return kNan;
  const MatrixXd centred = states.colwise() - states.rowwise().mean();
  const double largest = centred.cwiseAbs().maxCoeff();
  if (!(largest > 0)) return kNan;
  const MatrixXd scaled = centred / largest;  // squares of squares would underflow
  const MatrixXd gram = scaled.transpose() * scaled;
  const double trace = gram.trace();
  return trace * trace / gram.squaredNorm();
}

double ExpectedParticipation(const VectorXd& lambda, Index starts) {
  if (starts < 2) throw Error("participation: {} starts, expected at least 2", starts);
  const double a = lambda.sum(), b = lambda.squaredNorm();
  const double v = static_cast<double>(starts - 1);
  return (a * a + 2 * b / v) / (b + (a * a + b) / v);
}

TraceRecorder::TraceRecorder(std::string process, const VectorXd& sigmas, Index modes)
    : modes_(modes) {
  trace_.process = std::move(process);
  trace_.trials = 1;
  trace_.sigmas = sigmas;
  for (VectorXd* values :
       {&trace_.cosine, &trace_.cosine_error, &trace_.diversity, &trace_.spread, &trace_.norm})
    *values = VectorXd::Constant(sigmas.size(), kNan);
}

void TraceRecorder::Record(const MatrixXd& states, int exponent) {
  const Index j = recorded_++;
  if (j == 0) {
    trace_.starts = states.cols();
    trace_.spectrum.resize(states.rows(), trace_.sigmas.size());
    trace_.mode_ratios.resize(std::min(modes_, states.rows()), trace_.sigmas.size());
  }
  const double starts = static_cast<double>(states.cols());
  const VectorXd lengths = states.colwise().norm().transpose();
  const VectorXd cosines = states.row(0).transpose().cwiseAbs().cwiseQuotient(lengths);
  trace_.cosine(j) = cosines.mean();
  trace_.cosine_error(j) = StandardError(cosines.sum(), cosines.squaredNorm(), states.cols());
  const VectorXd moments = states.rowwise().squaredNorm() / starts;
  const double scale = std::ldexp(1.0, exponent);
  trace_.mode_ratios.col(j) = Ratios(moments, modes_);
  trace_.spectrum.col(j) = moments * scale * scale;
  trace_.diversity(j) = ParticipationRatio(states);
  trace_.spread(j) = Spread(states) * scale;
  trace_.norm(j) = lengths.norm() / std::sqrt(starts) * scale;
}

ProcessTrace TraceRecorder::Finish(const MatrixXd& final_states, int exponent) {
  if (recorded_ != trace_.sigmas.size()) {
    throw Error("trace '{}': {} states recorded, expected {}",
                trace_.process,
                recorded_,
                trace_.sigmas.size());
  }
  trace_.final_states = final_states * std::ldexp(1.0, exponent);
  return std::move(trace_);
}

void TraceSums::Add(const ProcessTrace& trial) {
  TraceSums one = {trial, trial.cosine.cwiseAbs2()};
  one.sum.spread = trial.spread.cwiseAbs2();
  one.sum.norm = trial.norm.cwiseAbs2();
  Merge(one);
}

void TraceSums::Merge(const TraceSums& later) {
  if (sum.trials == 0) {
    *this = later;
    return;
  }
  sum.trials += later.sum.trials;
  cosine_squares += later.cosine_squares;
  sum.cosine += later.sum.cosine;
  sum.spectrum += later.sum.spectrum;
  sum.diversity += later.sum.diversity;
  sum.spread += later.sum.spread;
  sum.norm += later.sum.norm;
}

ProcessTrace TraceSums::Mean() const {
  if (sum.trials < 2) {
    ProcessTrace single = sum;
    single.spread = single.spread.cwiseSqrt();
    single.norm = single.norm.cwiseSqrt();
    return single;
  }
  const double trials = static_cast<double>(sum.trials);
  ProcessTrace mean = sum;
  for (Index j = 0; j < mean.cosine.size(); ++j)
    mean.cosine_error(j) = StandardError(sum.cosine(j), cosine_squares(j), sum.trials);
  mean.cosine /= trials;
  mean.spectrum /= trials;
  mean.mode_ratios = Ratios(mean.spectrum, mean.mode_ratios.rows());
  mean.diversity /= trials;
  mean.spread = (mean.spread / trials).cwiseSqrt();
  mean.norm = (mean.norm / trials).cwiseSqrt();
  return mean;
}

}  // namespace denoscope
