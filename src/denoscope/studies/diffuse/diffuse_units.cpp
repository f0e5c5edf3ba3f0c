#include "denoscope/studies/diffuse/diffuse_units.h"

#include <algorithm>

#include "denoscope/base/error.h"
#include "denoscope/results/npz_members.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::int64_t kTrialsAUnit = 10;

struct TraceVector {
  const char* name;
  VectorXd ProcessTrace::*member;
};
constexpr TraceVector kTraceVectors[] = {{"sigmas", &ProcessTrace::sigmas},
                                         {"cosine", &ProcessTrace::cosine},
                                         {"cosine_error", &ProcessTrace::cosine_error},
                                         {"diversity", &ProcessTrace::diversity},
                                         {"spread_squares", &ProcessTrace::spread},
                                         {"norm_squares", &ProcessTrace::norm}};

struct TraceMatrix {
  const char* name;
  MatrixXd ProcessTrace::*member;
};
constexpr TraceMatrix kTraceMatrices[] = {{"mode_ratios", &ProcessTrace::mode_ratios},
                                          {"spectrum", &ProcessTrace::spectrum},
                                          {"final_states", &ProcessTrace::final_states}};

struct ChainMoments {
  const char* name;
  Moments ChainSums::*member;
};
constexpr ChainMoments kChainMoments[] = {{"alignment", &ChainSums::alignment},
                                          {"energy", &ChainSums::energy},
                                          {"consecutive", &ChainSums::consecutive},
                                          {"off_diagonal", &ChainSums::off_diagonal}};

void AddTrace(const TraceSums& trace, Npz& npz) {
  const std::string prefix = trace.sum.process + "_";
  npz[prefix + "trials"] = Integer(trace.sum.trials);
  npz[prefix + "starts"] = Integer(trace.sum.starts);
  npz[prefix + "cosine_squares"] = Doubles(trace.cosine_squares);
  for (const auto& [name, member] : kTraceVectors) npz[prefix + name] = Doubles(trace.sum.*member);
  for (const auto& [name, member] : kTraceMatrices) npz[prefix + name] = Rows(trace.sum.*member);
}

TraceSums TraceFrom(const NpzReader& file, const std::string& process) {
  const std::string prefix = process + "_";
  TraceSums trace;
  trace.sum.process = process;
  trace.sum.trials = file.Whole(prefix + "trials");
  trace.sum.starts = file.Whole(prefix + "starts");
  trace.cosine_squares = file.Vector(prefix + "cosine_squares");
  for (const auto& [name, member] : kTraceVectors) trace.sum.*member = file.Vector(prefix + name);
  for (const auto& [name, member] : kTraceMatrices) trace.sum.*member = file.Matrix(prefix + name);
  return trace;
}

void AddMoments(const std::string& name, const Moments& moments, Npz& npz) {
  npz[name + "_sum"] = Rows(moments.values);
  npz[name + "_squares"] = Rows(moments.squares);
}

Moments MomentsFrom(const NpzReader& file, const std::string& name) {
  return {file.Matrix(name + "_sum"), file.Matrix(name + "_squares")};
}

std::string WindowName(const std::string& prefix, const Window& window, const char* what) {
  return fmt::format("{}{}_{:03}_{:03}", prefix, what, window.first, window.count);
}

void AddChain(const std::string& prefix, const ChainSums& chain, Npz& npz) {
  npz[prefix + "trials"] = Integer(chain.trials);
  npz[prefix + "sigmas"] = Doubles(chain.sigmas);
  MatrixXd windows(static_cast<Index>(chain.windows.size()), 2);
  for (std::size_t i = 0; i < chain.windows.size(); ++i) {
    const Window& window = chain.windows[i];
    windows.row(static_cast<Index>(i)) << static_cast<double>(window.first),
        static_cast<double>(window.count);
    AddMoments(WindowName(prefix, window, "operator"), chain.partials[i], npz);
    AddMoments(WindowName(prefix, window, "overlaps"), chain.products[i], npz);
  }
  npz[prefix + "windows"] = Rows(windows);
  for (const auto& [name, member] : kChainMoments) AddMoments(prefix + name, chain.*member, npz);
}

ChainSums ChainFrom(const NpzReader& file, const std::string& prefix) {
  ChainSums chain;
  chain.trials = file.Whole(prefix + "trials");
  chain.sigmas = file.Vector(prefix + "sigmas");
  const MatrixXd windows = file.Matrix(prefix + "windows");
  for (Index w = 0; w < windows.rows(); ++w) {
    chain.windows.push_back({static_cast<Index>(windows(w, 0)), static_cast<Index>(windows(w, 1))});
    chain.partials.push_back(
        MomentsFrom(file, WindowName(prefix, chain.windows.back(), "operator")));
    chain.products.push_back(
        MomentsFrom(file, WindowName(prefix, chain.windows.back(), "overlaps")));
  }
  for (const auto& [name, member] : kChainMoments) chain.*member = MomentsFrom(file, prefix + name);
  return chain;
}

}  // namespace

std::string DiffuseUnit::Name() const {
  return fmt::format("trials_{:04}-{:04}", first, first + count - 1);
}

std::string DiffuseUnit::Note() const { return fmt::format("{} trials a unit", count); }

std::vector<DiffuseUnit> DiffuseUnits(const DiffuseStudyOptions& options) {
  std::vector<DiffuseUnit> units;
  for (std::int64_t first = 0; first < options.trials; first += kTrialsAUnit)
    units.push_back({first, std::min(kTrialsAUnit, options.trials - first)});
  return units;
}

DiffuseProblem MakeDiffuseProblem(const DiffuseStudyOptions& options, const Reference& reference) {
  DiffuseProblem problem;
  problem.lambda = reference.lambda;
  problem.mean = reference.basis.cast<double>().transpose() * reference.mean;
  problem.levels = StudiedLevels(options).front();
  StartOptions start;
  start.kind = options.start;
  start.sigma = problem.levels.levels(0);
  start.count = options.starts;
  start.seed = options.seed;
  if (start.kind == StartKind::kNoise) start.mean = problem.mean;
  problem.starts = DrawStarts(problem.lambda, start);
  return problem;
}

Index FirstVisibleLevel(const VectorXd& levels, const VectorXd& lambda, std::int64_t n) {
  const double gamma = static_cast<double>(lambda.size()) / static_cast<double>(n);
  const double critical = CriticalSigma(lambda(0), gamma);
  for (Index i = 0; i < levels.size(); ++i)
    if (levels(i) < critical) return i;
  return 0;
}

LearnedSums ComputeDiffuseUnit(const NoisySource& source,
                               const DiffuseProblem& problem,
                               const DiffuseStudyOptions& options,
                               const DiffuseUnit& unit,
                               const ProgressSink& progress) {
  const VectorXd& levels = problem.levels.levels;
  LearnedOptions learned;
  learned.chain = {options.n, options.rank, options.seed};
  learned.first = unit.first;
  learned.trials = unit.count;
  learned.modes = options.modes;
  learned.injection = options.injection;
  learned.taus = {options.taus.begin(), options.taus.end()};
  learned.noisiest = FirstVisibleLevel(levels, problem.lambda, options.n);
  learned.threads = options.threads;
  return RunLearnedTrials(source, levels, problem.starts, learned, progress);
}

Npz ToNpz(const LearnedSums& sums) {
  Npz npz;
  for (const TraceSums& trace : sums.traces) AddTrace(trace, npz);
  AddChain("fresh_", sums.fresh, npz);
  AddChain("accumulated_", sums.accumulated, npz);
  return npz;
}

LearnedSums LearnedSumsFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader file(npz, source);
  LearnedSums sums;
  for (const LearnedProcess process : LearnedOptions().processes)
    sums.traces.push_back(TraceFrom(file, NameOf(process)));
  sums.fresh = ChainFrom(file, "fresh_");
  sums.accumulated = ChainFrom(file, "accumulated_");
  return sums;
}

LearnedDiffusion ReadLearned(const RunFolder& run, const DiffuseStudyOptions& options) {
  LearnedSums sums;
  for (const DiffuseUnit& unit : DiffuseUnits(options)) {
    if (!run.HasCell(unit.Name()))
      throw Error("run '{}': unit '{}' is missing", run.Path().string(), unit.Name());
    const std::filesystem::path path = run.CellPath(unit.Name());
    sums.Merge(LearnedSumsFromNpz(ReadNpz(path), path.string()));
  }
  return sums.Result();
}

}  // namespace denoscope
