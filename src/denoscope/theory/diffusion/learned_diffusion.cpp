#include "denoscope/theory/diffusion/learned_diffusion.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/base/normals.h"
#include "denoscope/linalg/parallel.h"
#include "denoscope/theory/diffusion/schedule.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

NoiseKind KindOf(LearnedProcess process) {
  const bool fresh = process == LearnedProcess::kFresh || process == LearnedProcess::kInjectedFresh;
  return fresh ? NoiseKind::kFresh : NoiseKind::kAccumulated;
}

bool Injects(LearnedProcess process) {
  return process == LearnedProcess::kInjectedFresh ||
         process == LearnedProcess::kInjectedAccumulated;
}

double InjectedDeviation(Injection injection, double s, double next) {
  return injection == Injection::kNextLevel ? next : std::sqrt((s - next) * (s + next));
}

void AddNoise(MatrixXd& states, double deviation, RandomStream& random) {
  Eigen::MatrixXf noise(states.rows(), states.cols());
  FillNormals(random, noise.data(), static_cast<std::size_t>(noise.size()));
  states += deviation * noise.cast<double>();
}

// What one trial brings; merged in the order of trials, so that threads change no sum.
struct Trial {
  LearnedChain fresh, accumulated;
  std::vector<ProcessTrace> traces;
};

bool Needs(const LearnedOptions& options, NoiseKind kind) {
  return std::any_of(options.processes.begin(), options.processes.end(), [&](LearnedProcess p) {
    return KindOf(p) == kind;
  });
}

Trial RunTrial(const NoisySource& source,
               const VectorXd& levels,
               const MatrixXd& starts,
               const LearnedOptions& options,
               std::uint64_t index) {
  Trial trial;
  if (Needs(options, NoiseKind::kFresh))
    trial.fresh = LearnChain(source, levels, NoiseKind::kFresh, options.chain, index);
  if (Needs(options, NoiseKind::kAccumulated))
    trial.accumulated = LearnChain(source, levels, NoiseKind::kAccumulated, options.chain, index);
  for (const LearnedProcess process : options.processes) {
    const LearnedChain& chain =
        KindOf(process) == NoiseKind::kFresh ? trial.fresh : trial.accumulated;
    trial.traces.push_back(RunLearnedProcess(process, chain, starts, options, index));
  }
  return trial;
}

void Add(LearnedSums& sums, const Trial& trial) {
  if (!trial.fresh.bases.empty()) sums.fresh.Add(trial.fresh);
  if (!trial.accumulated.bases.empty()) sums.accumulated.Add(trial.accumulated);
  for (std::size_t i = 0; i < sums.traces.size(); ++i) sums.traces[i].Add(trial.traces[i]);
}

// Adds trials in their order, whichever thread ends first; those that wait for an earlier one are
// about as many as there are threads.
class InOrder {
 public:
  InOrder(LearnedSums& sums, Index total, const ProgressSink& progress)
      : sums_(sums), progress_(progress), total_(total) {}

  void Add(Index index, Trial trial) {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.emplace(index, std::move(trial));
    for (auto next = waiting_.find(done_); next != waiting_.end(); next = waiting_.find(done_)) {
      denoscope::Add(sums_, next->second);
      waiting_.erase(next);
      ++done_;
      if (progress_) progress_({"learned bases", done_, total_, 0, "trials", ""});
    }
  }

 private:
  LearnedSums& sums_;
  const ProgressSink& progress_;
  Index total_, done_ = 0;
  std::map<Index, Trial> waiting_;
  std::mutex mutex_;
};

void CheckStarts(const MatrixXd& starts, Index d) {
  if (starts.rows() == d && starts.cols() > 0) return;
  throw Error("learned diffusion: starts have shape ({},{}), expected ({},b), b at least 1",
              starts.rows(),
              starts.cols(),
              d);
}

}  // namespace

void LearnedOptions::Check(Index d) const {
  chain.Check(d);
  if (first < 0) throw Error("learned diffusion: first trial is {}, expected at least 0", first);
  if (trials < 1) throw Error("learned diffusion: trials is {}, expected at least 1", trials);
  if (modes < 1) throw Error("learned diffusion: modes is {}, expected at least 1", modes);
  if (threads < 1) throw Error("learned diffusion: threads is {}, expected at least 1", threads);
  if (processes.empty()) throw Error("learned diffusion: no process, expected at least 1");
}

ProcessTrace RunLearnedProcess(LearnedProcess process,
                               const LearnedChain& chain,
                               const MatrixXd& starts,
                               const LearnedOptions& options,
                               std::uint64_t trial) {
  const Index levels = chain.sigmas.size();
  const bool sequential = process == LearnedProcess::kSequential;
  if (sequential && chain.regressions.empty())
    throw Error("sequential denoisers: the chain has none, expected accumulated noise");
  VectorXd sigmas = VectorXd::Zero(levels + 1);
  sigmas.head(levels) = chain.sigmas;
  TraceRecorder recorder(NameOf(process), sigmas, options.modes);
  RandomStream random(options.chain.seed, "injected noise", trial);
  MatrixXd states = starts;
  recorder.Record(states);
  for (Index i = 0; i < levels; ++i) {
    const std::size_t at = static_cast<std::size_t>(i);
    const MatrixXd& U = chain.bases[at].vectors;
    const MatrixXd coordinates = U.transpose() * states;
    states.noalias() = (sequential ? chain.regressions[at] : U) * coordinates;
    if (Injects(process) && i + 1 < levels)
      AddNoise(states, InjectedDeviation(options.injection, sigmas(i), sigmas(i + 1)), random);
    recorder.Record(states);
  }
  return recorder.Finish(states);
}

void LearnedSums::Merge(const LearnedSums& later) {
  traces.resize(later.traces.size());
  for (std::size_t i = 0; i < traces.size(); ++i) traces[i].Merge(later.traces[i]);
  fresh.Merge(later.fresh);
  accumulated.Merge(later.accumulated);
}

LearnedDiffusion LearnedSums::Result() const {
  LearnedDiffusion result;
  for (const TraceSums& trace : traces) result.traces.push_back(trace.Mean());
  result.fresh = fresh.Report();
  result.accumulated = accumulated.Report();
  return result;
}

LearnedSums RunLearnedTrials(const NoisySource& source,
                             const VectorXd& levels,
                             const MatrixXd& starts,
                             const LearnedOptions& options,
                             const ProgressSink& progress) {
  CheckNoiseLevels(levels);
  options.Check(source.Dimension());
  CheckStarts(starts, source.Dimension());
  LearnedSums sums;
  sums.fresh.windows = sums.accumulated.windows =
      RegimeWindows(options.taus, levels.size(), options.noisiest);
  sums.traces.resize(options.processes.size());
  InOrder merge(sums, options.trials, progress);
  ForEachIndex(options.trials, options.threads, [&](Index i) {
    const auto trial = static_cast<std::uint64_t>(options.first + i);
    merge.Add(i, RunTrial(source, levels, starts, options, trial));
  });
  return sums;
}

}  // namespace denoscope
