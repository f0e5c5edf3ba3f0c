// Reverse processes whose denoisers are learned, level by level, from n noisy samples:
//   fresh, accumulated      x <- U_t U_t^T x, bases from independent or accumulating noise
//   sequential              x <- R_t U_t^T x, the regression of x_{t-1} on U_t^T x_t; accumulated
//   noise injected, either  x <- U_t U_t^T x + v_t^(1/2) z between steps, none after the last
// (LearnedChain has the formulas.) All trials start from the same states; every trial learns bases
// of its own. With the population's Sigma in place of samples the projections would leave the
// states alone and the sequential product would be the Wiener denoiser of s_0 at once, by the tower
// rule: what the learned ones do beyond that is the work of misaligned bases.
//
// Variance of injected noise (the paper injects in its Eq. 25; the choice is ours): that which the
// step removes, v_t = s_t^2 - s_{t+1}^2, constant on the constant schedule, or that of the level to
// come, s_{t+1}^2.
//
// Cost: that of the bases, learned_basis.h; at d = 784, n = 1000, 100 levels, 50 trials, r = 10, 64
// starts all five processes take 190 s of processor time; the trials are shared by the threads.
// Source: Weitzner et al. 2024, arXiv 2410.14730.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/base/enum_names.h"
#include "denoscope/base/progress.h"
#include "denoscope/theory/diffusion/diffusion_trace.h"
#include "denoscope/theory/diffusion/learned_basis.h"
#include "denoscope/theory/diffusion/partial_operators.h"

namespace denoscope {

enum class LearnedProcess {
  kFresh,
  kAccumulated,
  kSequential,
  kInjectedFresh,
  kInjectedAccumulated,
};
template <>
struct EnumNames<LearnedProcess> {
  static constexpr const char* kWhat = "learned process";
  static constexpr EnumName<LearnedProcess> kNames[] = {
      {LearnedProcess::kFresh, "learned-fresh"},
      {LearnedProcess::kAccumulated, "learned-accumulated"},
      {LearnedProcess::kSequential, "sequential"},
      {LearnedProcess::kInjectedFresh, "injected-fresh"},
      {LearnedProcess::kInjectedAccumulated, "injected-accumulated"}};
};

enum class Injection { kStepVariance, kNextLevel };
template <>
struct EnumNames<Injection> {
  static constexpr const char* kWhat = "injection";
  static constexpr EnumName<Injection> kNames[] = {{Injection::kStepVariance, "step"},
                                                   {Injection::kNextLevel, "next"}};
};

struct LearnedOptions {
  ChainOptions chain;
  Eigen::Index first = 0, trials = 50;  // of trials first .. first + trials - 1; >= 0, >= 1
  Eigen::Index modes = 8;               // ratios to keep, >= 1, clipped to d
  std::vector<LearnedProcess> processes = {LearnedProcess::kFresh,
                                           LearnedProcess::kAccumulated,
                                           LearnedProcess::kSequential,
                                           LearnedProcess::kInjectedFresh,
                                           LearnedProcess::kInjectedAccumulated};
  Injection injection = Injection::kStepVariance;
  std::vector<Eigen::Index> taus = {1, 5, 20};  // of partial operators, in both regimes; > N: none
  Eigen::Index noisiest = 0;                    // level at which the high-noise regime begins
  int threads = 1;                              // >= 1; results are the same for any

  void Check(Eigen::Index d) const;
};

struct LearnedDiffusion {
  std::vector<ProcessTrace> traces;  // one a process, in the order asked for
  ChainReport fresh, accumulated;    // trials = 0 when no process needs it
};

// What trials add up to: those of later trials may be merged in.
struct LearnedSums {
  std::vector<TraceSums> traces;
  ChainSums fresh, accumulated;

  void Merge(const LearnedSums& later);
  LearnedDiffusion Result() const;
};

// starts (d,B). Throws Interrupted between levels. progress is called from the threads of the
// trials, one at a time, in the order of trials.
LearnedSums RunLearnedTrials(const NoisySource& source,
                             const Eigen::VectorXd& levels,
                             const Eigen::MatrixXd& starts,
                             const LearnedOptions& options,
                             const ProgressSink& progress = {});

// One process of one trial through the bases of one chain.
ProcessTrace RunLearnedProcess(LearnedProcess process,
                               const LearnedChain& chain,
                               const Eigen::MatrixXd& starts,
                               const LearnedOptions& options,
                               std::uint64_t trial);

}  // namespace denoscope
