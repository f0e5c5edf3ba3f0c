#include "denoscope/studies/sample/sample_tables.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "denoscope/emergence/path_emergence.h"
#include "denoscope/results/sample_columns.h"
#include "denoscope/studies/sample/sample_units.h"
#include "denoscope/theory/diffusion/collapse.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kRatios = 8;            // leading modes whose amplitudes are reported
constexpr double kLastLevelFloor = 20;  // lambda over the square of the last level: 5 %

Table PathsTable(const std::vector<PathProcess>& processes) {
  Table table = kSamplePaths.Empty();
  for (const PathProcess& process : processes)
    for (Index b = 0; b < process.path->Samples(); ++b)
      AddRow(table,
             {process.name},
             {static_cast<double>(b),
              process.path->diverged[b],
              process.path->finished[b],
              process.path->sigmas(process.path->States() - 1, b)});
  return table;
}

struct Walk {
  ProcessTrace trace;    // of all states, and of the images at sigma 0
  VectorXd mean_cosine;  // |cos| of the states themselves to the mean image
  VectorXd change;       // rms |D_t - D_t'| / rms |D_t|, t' the state before
};

// About the mean, in the basis of all modes. Nothing when no sample is whole.
std::optional<Walk> WalkOf(const PathProcess& process, const Reference& reference, Index ratios) {
  const Path& path = *process.path;
  const std::vector<Index> whole = path.WholeSamples();
  if (whole.empty()) return std::nullopt;
  const Index T = path.States();
  const MatrixXd basis = reference.basis.cast<double>();
  VectorXd sigmas(T + 1);
  sigmas << MeanSigmas(path), 0;
  TraceRecorder recorder(process.name, sigmas, ratios);
  Walk walk;
  walk.mean_cosine = walk.change = VectorXd::Constant(T + 1, kNotComputed);
  const double length = reference.mean.norm();
  MatrixXd before, centred;
  for (Index t = 0; t <= T; ++t) {
    const MatrixXd x =
        StateOf(t < T ? path.noisy : path.denoised, std::min(t, T - 1))(Eigen::all, whole);
    const VectorXd cosines =
        (reference.mean.transpose() * x).cwiseAbs().cwiseQuotient(x.colwise().norm() * length);
    walk.mean_cosine[t] = cosines.mean();
    centred = basis.transpose() * (x.colwise() - reference.mean);
    recorder.Record(centred);
    if (t == T) break;
    MatrixXd D = StateOf(path.denoised, t)(Eigen::all, whole);
    if (t > 0) walk.change[t] = (D - before).norm() / D.norm();
    before = std::move(D);
  }
  walk.trace = recorder.Finish(centred);
  return walk;
}

void AddSteps(const PathProcess& process, const Walk& walk, const VectorXd& lambda, Table& table) {
  const ProcessTrace& trace = walk.trace;
  for (Index j = 0; j < trace.sigmas.size(); ++j) {
    const double s = trace.sigmas[j];
    std::vector<double> row = {
        static_cast<double>(j),
        s,
        trace.cosine[j],
        trace.cosine_error[j],
        walk.mean_cosine[j],
        trace.diversity[j],
        trace.starts < 2 ? kNotComputed
                         : ExpectedParticipation((lambda.array() + s * s).matrix(), trace.starts),
        trace.spread[j],
        trace.norm[j],
        walk.change[j]};
    for (Index k = 1; k < trace.mode_ratios.rows(); ++k) row.push_back(trace.mode_ratios(k, j));
    AddRow(table, {process.name}, row);
  }
}

// Repeated Wiener denoising on paper, in double precision; of other samplers what was measured.
Collapse LinearCollapse(const SampleOptions& options,
                        const ProcessTrace& trace,
                        const VectorXd& lambda) {
  if (options.sampler != Sampler::kRepeated) return MeasureCollapse(lambda, trace);
  const VectorXd levels = PathLevels(options);
  Recursion recursion;
  recursion.process = DiagonalProcess::kRepeatedWiener;
  recursion.lambda = lambda;
  recursion.sigmas = trace.sigmas;
  recursion.factors.resize(lambda.size(), levels.size());
  for (Index i = 0; i < levels.size(); ++i)
    recursion.factors.col(i) = WienerGains(lambda, levels(i));
  return AttributeCollapse(recursion, trace);
}

void AddCollapse(const std::string& process, const Collapse& collapse, Table& table) {
  table.rows.push_back({process,
                        NumberText(collapse.mean_total),
                        NumberText(collapse.mean_start),
                        NumberText(collapse.mean_discretisation),
                        NumberText(collapse.mean_shrinkage),
                        NumberText(collapse.mean_network),
                        NameOf(collapse.cause),
                        collapse.status});
}

void WriteWalks(const RunFolder& run,
                const std::vector<PathProcess>& processes,
                const Reference& reference,
                const SampleOptions& options) {
  Table steps = kSampleSteps.Empty();
  // Of modes that the last denoising leaves as they are; at one level over and over of all.
  const VectorXd levels = PathLevels(options);
  const double smallest = levels(levels.size() - 1);
  const double floor = options.fixed_sigma > 0 ? 0 : kLastLevelFloor * smallest * smallest;
  const Index ratios =
      std::min<Index>(kRatios, std::max<Index>(2, (reference.lambda.array() > floor).count()));
  for (Index k = 1; k < ratios; ++k) steps.columns.push_back(fmt::format("ratio_{}", k));
  Table collapses = kSampleCollapse.Empty();
  std::optional<Walk> deep;
  for (const PathProcess& process : processes) {
    const std::optional<Walk> walk = WalkOf(process, reference, ratios);
    if (!walk) continue;
    AddSteps(process, *walk, reference.lambda, steps);
    if (process.name == "deep") {
      deep = walk;
      continue;
    }
    const Collapse wiener = LinearCollapse(options, walk->trace, reference.lambda);
    if (deep)
      AddCollapse("deep", AttributeCollapse(wiener, reference.lambda, deep->trace), collapses);
    AddCollapse("linear", wiener, collapses);
  }
  WriteCsv(run.Path() / kSampleSteps.file, steps);
  WriteCsv(run.Path() / kSampleCollapse.file, collapses);
}

double Cosine(const VectorXd& a, const VectorXd& b) {
  return std::abs(a.dot(b)) / (a.norm() * b.norm());
}

// A row a sample: where D has come to at one noise level, x = D(x) or nearly so, beside the leading
// eigenvector v of sym(J) there, u_0 and the mean image; and whether its last step s is an
// eigenvector of J itself, which need not be symmetric: |cos| of s and J s, |J s|/|s|.
Table FixedPointsTable(const Trajectories& all, const Reference& reference) {
  Table table = kSampleFixedPoints.Empty();
  const Path& path = all.deep;
  const MatrixXd x = StateOf(path.noisy, path.States() - 1),
                 D = StateOf(path.denoised, path.States() - 1);
  const bool known = reference.n > 0;
  const VectorXd u0 = known ? VectorXd(reference.basis.col(0).cast<double>()) : VectorXd();
  for (Index b = 0; b < path.Samples(); ++b) {
    const VectorXd v = all.fixed.eigenvector.col(b).cast<double>(), step = LastStep(path, b),
                   Js = all.fixed.step_image.col(b).cast<double>();
    const VectorXd centred = known ? VectorXd(D.col(b) - reference.mean) : VectorXd(D.col(b));
    const auto if_known = [&](auto&& value) { return known ? value() : kNotComputed; };
    AddRow(table,
           {static_cast<double>(b),
            (D.col(b) - x.col(b)).norm() / x.col(b).norm(),
            all.fixed.eigenvalue[b],
            all.fixed.residual[b],
            if_known([&] { return Cosine(centred, u0); }),
            if_known([&] { return Cosine(D.col(b), reference.mean); }),
            Cosine(centred, v),
            Cosine(step, v),
            Cosine(step, Js),
            Js.norm() / step.norm(),
            if_known([&] { return Cosine(v, u0); }),
            if_known([&] { return Cosine(v, reference.mean); })});
  }
  return table;
}

}  // namespace

void WriteSampleTables(const RunFolder& run,
                       const Reference& reference,
                       const SampleOptions& options) {
  const Trajectories all = ReadTrajectories(run, options);
  const std::vector<PathProcess> processes = ProcessesOf(all);
  WriteCsv(run.Path() / kSamplePaths.file, PathsTable(processes));
  if (reference.n > 0) WriteWalks(run, processes, reference, options);
  WritePathEmergence(run, processes, reference, {options.modes, options.replicates, options.seed});
  if (all.fixed.eigenvalue.size() > 0)
    WriteCsv(run.Path() / kSampleFixedPoints.file, FixedPointsTable(all, reference));
}

}  // namespace denoscope
