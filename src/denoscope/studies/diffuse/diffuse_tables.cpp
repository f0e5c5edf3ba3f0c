#include "denoscope/studies/diffuse/diffuse_tables.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "denoscope/results/diffuse_columns.h"
#include "denoscope/results/npz_members.h"
#include "denoscope/theory/diffusion/collapse.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Index kPictures = 8;  // states kept as images
constexpr Index kFewestLevels = 25, kMostLevels = 1600;

void AddSteps(const std::string& schedule,
              const ProcessTrace& trace,
              const VectorXd& lambda,
              Table& table) {
  for (Index j = 0; j < trace.sigmas.size(); ++j) {
    const double sigma = trace.sigmas(j);
    std::vector<double> row = {
        static_cast<double>(j),
        sigma,
        trace.cosine(j),
        trace.cosine_error(j),
        trace.diversity(j),
        ExpectedParticipation((lambda.array() + sigma * sigma).matrix(), trace.starts),
        trace.spread(j),
        trace.norm(j)};
    for (Index k = 1; k < trace.mode_ratios.rows(); ++k) row.push_back(trace.mode_ratios(k, j));
    AddRow(table, {schedule, trace.process}, row);
  }
}

void AddSpectrum(const ProcessTrace& trace, const VectorXd& lambda, Table& table) {
  const Index last = trace.sigmas.size() - 1;
  const double noise = trace.sigmas(last) * trace.sigmas(last);
  for (Index k = 0; k < lambda.size(); ++k)
    AddRow(table,
           {trace.process},
           {static_cast<double>(k),
            lambda(k),
            trace.spectrum(k, 0),
            trace.spectrum(k, last),
            lambda(k) + noise});
}

// `predicted`: misalignment that alignments alone foretell, a value a mode, or none.
void AddCollapse(const std::string& schedule,
                 const Collapse& collapse,
                 const VectorXd& predicted,
                 Table& table) {
  AddRow(table,
         {schedule, collapse.process, NameOf(collapse.cause), collapse.status},
         {collapse.mean_total,
          collapse.mean_start,
          collapse.mean_discretisation,
          collapse.mean_shrinkage,
          collapse.mean_misalignment,
          predicted.size() == 0 ? kNan : predicted.mean()});
}

VectorXd PredictedMisalignment(LearnedProcess process,
                               const LearnedDiffusion& learned,
                               Index modes) {
  VectorXd loss;
  if (process == LearnedProcess::kFresh) loss = AlignmentLoss(learned.fresh, NoiseKind::kFresh);
  if (process == LearnedProcess::kAccumulated)
    loss = AlignmentLoss(learned.accumulated, NoiseKind::kAccumulated);
  return loss.head(std::min(loss.size(), modes - 1));
}

struct NamedChain {
  std::string kind;
  const ChainReport& report;
};
std::vector<NamedChain> Chains(const LearnedDiffusion& learned) {
  return {{"fresh", learned.fresh}, {"accumulated", learned.accumulated}};
}

// Windows of the high-noise regime come first (RegimeWindows).
std::string Regime(const ChainReport& chain, std::size_t window) {
  return window < chain.partials.size() / 2 ? "high" : "low";
}

Table OperatorTable(const LearnedDiffusion& learned) {
  Table table = kDiffuseOperators.Empty();
  for (const auto& [kind, chain] : Chains(learned))
    for (std::size_t w = 0; w < chain.partials.size(); ++w) {
      const PartialOperators& p = chain.partials[w];
      for (Index k = 0; k < p.ratios.size(); ++k)
        AddRow(table,
               {kind, Regime(chain, w)},
               {static_cast<double>(p.window.count),
                chain.sigmas(p.window.first),
                chain.sigmas(p.window.first + p.window.count - 1),
                static_cast<double>(k),
                p.mean(k, k),
                p.error(k, k),
                p.ratios(k),
                p.consecutive(k),
                p.aligned(k),
                p.off_diagonal_share});
    }
  return table;
}

Table BasesTable(const LearnedDiffusion& learned) {
  Table table = kDiffuseBases.Empty();
  for (const auto& [kind, chain] : Chains(learned))
    for (Index k = 0; k < chain.alignment.rows(); ++k)
      for (Index t = 0; t < chain.sigmas.size(); ++t)
        AddRow(table,
               {kind},
               {static_cast<double>(t),
                chain.sigmas(t),
                static_cast<double>(k),
                chain.alignment(k, t),
                chain.alignment_error(k, t),
                chain.energy(k, t),
                chain.energy_error(k, t),
                t < chain.consecutive.cols() ? chain.consecutive(k, t) : kNan});
  return table;
}

Table AssumptionTable(const LearnedDiffusion& learned) {
  Table table = kDiffuseAssumption.Empty();
  for (const auto& [kind, chain] : Chains(learned))
    for (Index t = 0; t < chain.off_diagonal.size(); ++t)
      AddRow(table,
             {kind},
             {static_cast<double>(t),
              chain.sigmas(t),
              chain.sigmas(t + 1),
              chain.off_diagonal(t),
              chain.off_diagonal_error(t)});
  return table;
}

Npz Operators(const LearnedDiffusion& learned) {
  Npz npz;
  for (const auto& [kind, chain] : Chains(learned))
    for (std::size_t w = 0; w < chain.partials.size(); ++w) {
      const PartialOperators& p = chain.partials[w];
      const std::string name = fmt::format("{}_{}_{}", kind, Regime(chain, w), p.window.count);
      npz[name] = Rows(p.mean);
      npz[name + "_error"] = Rows(p.error);
    }
  return npz;
}

// The first states of a process in pixels, without the mean: (S,C,H,W).
Array States(const MatrixXd& coordinates, const Reference& reference) {
  const Index count = std::min(kPictures, coordinates.cols());
  const MatrixXd pixels = reference.basis.cast<double>() * coordinates.leftCols(count);
  return Array::From<double>(
      {count, reference.image_shape[0], reference.image_shape[1], reference.image_shape[2]},
      pixels.data());
}

struct ComputedProcesses {
  DiffuseProblem problem;
  std::vector<ScheduledProcesses> schedules;
  LearnedDiffusion learned;
};

ComputedProcesses ComputeProcesses(const DiffuseProblem& problem,
                                   const DiffuseStudyOptions& options,
                                   const LearnedDiffusion& learned) {
  ComputedProcesses all = {problem, {}, learned};
  for (const NamedLevels& levels : StudiedLevels(options))
    all.schedules.push_back(RunScheduled(problem, levels, options));
  return all;
}

Npz Samples(const ComputedProcesses& all, const Reference& reference) {
  Npz npz;
  npz["starts"] = States(all.problem.starts, reference);
  for (const ProcessTrace& trace : all.schedules.front().traces)
    npz[trace.process] = States(trace.final_states, reference);
  for (const ProcessTrace& trace : all.learned.traces)
    npz[trace.process] = States(trace.final_states, reference);
  return npz;
}

std::vector<std::pair<std::string, Table>> Tables(const ComputedProcesses& all,
                                                  const DiffuseStudyOptions& options) {
  const VectorXd& lambda = all.problem.lambda;
  const Index modes = all.learned.traces.front().mode_ratios.rows();
  Table steps = kDiffuseSteps.Empty();
  for (Index k = 1; k < modes; ++k) steps.columns.push_back(fmt::format("ratio_{}", k));
  Table spectra = kDiffuseSpectra.Empty();
  Table collapse = kDiffuseCollapse.Empty();
  Table power = kDiffusePower.Empty();
  const std::string& own = all.problem.levels.name;
  for (const ScheduledProcesses& scheduled : all.schedules) {
    const std::string& name = scheduled.levels.name;
    for (std::size_t i = 0; i < scheduled.traces.size(); ++i) {
      AddSteps(name, scheduled.traces[i], lambda, steps);
      AddCollapse(
          name, AttributeCollapse(scheduled.recursions[i], scheduled.traces[i]), {}, collapse);
      if (name == own) AddSpectrum(scheduled.traces[i], lambda, spectra);
    }
    AddPowerRows(scheduled, modes, power);
  }
  const std::vector<LearnedProcess> processes = LearnedOptions().processes;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const ProcessTrace& trace = all.learned.traces[i];
    AddSteps(own, trace, lambda, steps);
    AddSpectrum(trace, lambda, spectra);
    AddCollapse(own,
                AttributeCollapse(processes[i], lambda, trace),
                PredictedMisalignment(processes[i], all.learned, modes),
                collapse);
  }
  return {{kDiffuseSteps.file, std::move(steps)},
          {kDiffuseSpectra.file, std::move(spectra)},
          {kDiffuseCollapse.file, std::move(collapse)},
          {kDiffusePower.file, std::move(power)},
          {kDiffuseDdim.file, DdimTable(options, lambda)},
          {kDiffuseOperators.file, OperatorTable(all.learned)},
          {kDiffuseBases.file, BasesTable(all.learned)},
          {kDiffuseAssumption.file, AssumptionTable(all.learned)}};
}

}  // namespace

ScheduledProcesses RunScheduled(const DiffuseProblem& problem,
                                const NamedLevels& levels,
                                const DiffuseStudyOptions& options) {
  ScheduledProcesses scheduled = {levels, {}, {}};
  for (const DiagonalProcess process : {DiagonalProcess::kRepeatedWiener,
                                        DiagonalProcess::kTrueProjection,
                                        DiagonalProcess::kDdim,
                                        DiagonalProcess::kExactFlow,
                                        DiagonalProcess::kPowerIteration}) {
    scheduled.recursions.push_back(
        MakeRecursion(process, problem.lambda, levels.levels, options.rank));
    scheduled.traces.push_back(
        RunRecursion(scheduled.recursions.back(), problem.starts, options.modes));
  }
  return scheduled;
}

void AddPowerRows(const ScheduledProcesses& scheduled, Index modes, Table& table) {
  const VectorXd& levels = scheduled.levels.levels;
  const VectorXd lambda = scheduled.recursions.front().lambda.head(modes);
  double sum = 0;
  VectorXd gaps = VectorXd::Zero(lambda.size());  // log of the ratio of ratios
  for (Index i = 0; i < levels.size(); ++i) {
    const double variance = levels(i) * levels(i);
    sum += lambda(0) / variance;
    gaps.array() += std::log(lambda(0) + variance) - (lambda.array() + variance).log();
    AddRow(table,
           {scheduled.levels.name},
           {static_cast<double>(i + 1), levels(i), sum, gaps.array().expm1().abs().maxCoeff()});
  }
}

Table DdimTable(const DiffuseStudyOptions& options, const VectorXd& lambda) {
  Table table = kDiffuseDdim.Empty();
  const VectorXd own = StudiedLevels(options).front().levels;
  for (const auto& [kind, name] : EnumNames<Schedule>::kNames)
    for (Index count = kFewestLevels; count <= kMostLevels; count *= 2) {
      const VectorXd levels =
          NoiseLevels({kind, count, own(0), own(own.size() - 1), options.schedule.rho});
      const auto gains = [&](DiagonalProcess process) -> VectorXd {
        return LogGains(MakeRecursion(process, lambda, levels)).array().exp();
      };
      const Eigen::ArrayXd ratio =
          gains(DiagonalProcess::kDdim).array() / gains(DiagonalProcess::kExactFlow).array();
      AddRow(table,
             {name},
             {static_cast<double>(count),
              (ratio - 1).abs().maxCoeff(),
              (ratio.square() - 1).abs().maxCoeff()});
    }
  return table;
}

void WriteDiffuseResults(const RunFolder& run,
                         const DiffuseStudyOptions& options,
                         const Reference& reference) {
  const ComputedProcesses all =
      ComputeProcesses(MakeDiffuseProblem(options, reference), options, ReadLearned(run, options));
  for (const auto& [name, table] : Tables(all, options)) WriteCsv(run.Path() / name, table);
  WriteNpz(run.Path() / "operators.npz", Operators(all.learned));
  WriteNpz(run.Path() / "samples.npz", Samples(all, reference));
}

}  // namespace denoscope
