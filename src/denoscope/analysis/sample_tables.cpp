#include "denoscope/analysis/sample_tables.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "denoscope/analysis/half_levels.h"
#include "denoscope/analysis/sample_units.h"
#include "denoscope/analysis/trajectory_curves.h"
#include "denoscope/base/random.h"
#include "denoscope/theory/collapse.h"
#include "denoscope/theory/wiener.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kRatios = 8;               // leading modes whose amplitudes are reported
constexpr double kLastLevelFloor = 20;     // lambda over the square of the last level: 5 %
constexpr Index kSamplesForIntervals = 8;  // fewer give no interval

struct Process {
  std::string name;  // deep|linear
  const Path* path;
};

std::vector<Process> ProcessesOf(const Trajectories& all) {
  std::vector<Process> processes = {{"deep", &all.deep}};
  if (all.HasLinear()) processes.push_back({"linear", &all.linear});
  return processes;
}

// Of the samples that are whole, the geometric mean: `blind` samples have each their own.
VectorXd MeanSigmas(const Path& path) {
  VectorXd sigmas(path.States());
  const std::vector<Index> whole = path.WholeSamples();
  for (Index t = 0; t < path.States(); ++t) {
    double sum = 0;
    for (const Index b : whole) sum += std::log(path.sigmas(t, b));
    sigmas[t] = whole.empty() ? kNotComputed : std::exp(sum / static_cast<double>(whole.size()));
  }
  return sigmas;
}

Table PathsTable(const std::vector<Process>& processes) {
  Table table = {{"process", "sample", "diverged", "finished", "last_sigma"}, {}};
  for (const Process& process : processes)
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
std::optional<Walk> WalkOf(const Process& process, const Reference& reference, Index ratios) {
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

void AddSteps(const Process& process, const Walk& walk, const VectorXd& lambda, Table& table) {
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
Collapse LinearCollapse(const Json& options, const ProcessTrace& trace, const VectorXd& lambda) {
  if (options["sampler"] != "repeated") return MeasureCollapse(lambda, trace);
  const auto levels = options["levels"].get<std::vector<double>>();
  Recursion recursion;
  recursion.process = DiagonalProcess::kRepeatedWiener;
  recursion.lambda = lambda;
  recursion.sigmas = trace.sigmas;
  recursion.factors.resize(lambda.size(), static_cast<Index>(levels.size()));
  for (std::size_t i = 0; i < levels.size(); ++i)
    recursion.factors.col(static_cast<Index>(i)) = WienerGains(lambda, levels[i]);
  return AttributeCollapse(recursion, trace);
}

void AddCollapse(const std::string& process, const Collapse& collapse, Table& table) {
  table.rows.push_back({process,
                        NumberText(collapse.mean_total),
                        NumberText(collapse.mean_start),
                        NumberText(collapse.mean_discretisation),
                        NumberText(collapse.mean_shrinkage),
                        NumberText(collapse.mean_network),
                        CollapseCauseName(collapse.cause),
                        collapse.status});
}

void WriteWalks(const RunFolder& run,
                const std::vector<Process>& processes,
                const Reference& reference) {
  const Json& options = run.Manifest()["identity"]["options"];
  Table steps = {{"process",
                  "state",
                  "sigma",
                  "cosine",
                  "cosine_error",
                  "mean_cosine",
                  "diversity",
                  "diversity_expected",
                  "spread",
                  "norm",
                  "change"},
                 {}};
  // Of modes that the last denoising leaves as they are; at one level over and over of all.
  const double smallest = options["levels"].back();
  const double floor = options.contains("fixed_sigma") ? 0 : kLastLevelFloor * smallest * smallest;
  const Index ratios =
      std::min<Index>(kRatios, std::max<Index>(2, (reference.lambda.array() > floor).count()));
  for (Index k = 1; k < ratios; ++k) steps.columns.push_back(fmt::format("ratio_{}", k));
  Table collapses = {
      {"process", "total", "start", "discretisation", "shrinkage", "network", "cause", "status"},
      {}};
  std::optional<Walk> deep;
  for (const Process& process : processes) {
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
  WriteCsv(run.Path() / "steps.csv", steps);
  WriteCsv(run.Path() / "collapse.csv", collapses);
}

// Directions that emergence is told of.
struct Directions {
  std::string along;  // mode|band
  MatrixXd basis;     // (d,c)
  std::vector<int> group;
  VectorXd lambda, frequency;  // of each direction
};

Directions Modes(const Reference& reference, std::int64_t modes) {
  const Index m = UsefulModes(reference.lambda, modes);
  Directions directions = {"mode",
                           reference.basis.leftCols(m).cast<double>(),
                           {},
                           reference.lambda.head(m),
                           reference.frequency.head(m)};
  for (int k = 0; k < m; ++k) directions.group.push_back(k);
  return directions;
}

// lambda: mean variance of a band's vectors over the training images; NaN without them.
Directions Bands(const Reference& reference) {
  const Shape& shape = reference.image_shape;
  const DctBasis dct({shape[0], shape[1], shape[2]});
  const DctBands bands = MakeBands(dct);
  const Index d = dct.Shape().Size();
  Directions directions = {"band",
                           dct.InverseTransform(MatrixXd::Identity(d, d)),
                           bands.band,
                           VectorXd::Constant(bands.size.size(), kNotComputed),
                           bands.centre.replicate(bands.groups, 1)};
  if (reference.n > 0)
    directions.lambda = (BandEnergies(dct, bands, reference.basis.cast<double>()) *
                         reference.lambda.head(reference.basis.cols()))
                            .cwiseQuotient(bands.size.cwiseMax(1));
  return directions;
}

// Rows as noise rises.
Curves Ascending(const MatrixXd& curves) { return curves.colwise().reverse(); }

// One half of the variance of D_t is explained by the final image where the correlation is
// 1/sqrt 2; what points the other way counts against it.
MatrixXd SignedSquare(const MatrixXd& correlation) {
  return correlation.array() * correlation.array().abs();
}

struct Emerging {
  PathCurves curves;
  Halves energy, correlation;
  MatrixXd energy_error, correlation_error;  // (T,m), over samples drawn again; may be empty
};

MatrixXd Deviation(const std::vector<PathCurves>& replicates, MatrixXd PathCurves::*which) {
  if (replicates.empty()) return {};
  const auto n = static_cast<double>(replicates.size());
  MatrixXd sum = replicates[0].*which, squares;
  sum.setZero();
  squares = sum;
  for (const PathCurves& one : replicates) {
    sum += one.*which;
    squares += (one.*which).cwiseAbs2();
  }
  return ((squares - sum.cwiseAbs2() / n) / (n - 1)).cwiseMax(0).cwiseSqrt();
}

Emerging EmergingOf(const Process& process,
                    const Directions& along,
                    const VectorXd& mean,
                    const SampleTableOptions& options) {
  const DirectionSums sums(*process.path, mean, along.basis, along.group, along.lambda.size());
  Emerging e;
  const Index B = sums.Samples();
  if (B == 0) return e;
  e.curves = sums.Curves();
  std::vector<PathCurves> replicates;
  for (std::int64_t r = 0; B >= kSamplesForIntervals && r < options.replicates; ++r) {
    RandomStream random(options.seed, "paths/bootstrap", static_cast<std::uint64_t>(r));
    VectorXd weights = VectorXd::Zero(B);
    for (Index i = 0; i < B; ++i)
      ++weights[static_cast<Index>(random.Below(static_cast<std::uint64_t>(B)))];
    replicates.push_back(sums.Curves(weights));
  }
  e.energy_error = Deviation(replicates, &PathCurves::energy);
  e.correlation_error = Deviation(replicates, &PathCurves::correlation);
  VectorXd sigmas = MeanSigmas(*process.path).reverse();
  for (Index t = 1; t < sigmas.size(); ++t)
    if (!(sigmas[t] > sigmas[t - 1])) return e;  // one noise level all the way: no level to name
  const std::vector<double> levels(sigmas.begin(), sigmas.end());
  const auto count = static_cast<Index>(replicates.size());
  const auto at = [&](Index r) -> const PathCurves& {
    return replicates[static_cast<std::size_t>(r)];
  };
  e.energy = HalvesOf(
      levels, Ascending(e.curves.energy), count, [&](Index r) { return Ascending(at(r).energy); });
  e.correlation =
      HalvesOf(levels, Ascending(SignedSquare(e.curves.correlation)), count, [&](Index r) {
        return Ascending(SignedSquare(at(r).correlation));
      });
  return e;
}

double ErrorAt(const MatrixXd& errors, Index t, Index k) {
  return errors.size() > 0 ? errors(t, k) : kNotComputed;
}

void AddCurves(const Process& process, const Directions& along, const Emerging& e, Table& table) {
  const VectorXd sigmas = MeanSigmas(*process.path);
  for (Index k = 0; k < e.curves.energy.cols(); ++k)
    for (Index t = 0; t < sigmas.size(); ++t)
      AddRow(table,
             {process.name, along.along},
             {static_cast<double>(k),
              sigmas[t],
              e.curves.energy(t, k),
              ErrorAt(e.energy_error, t, k),
              e.curves.correlation(t, k),
              ErrorAt(e.correlation_error, t, k),
              e.curves.state_correlation(t, k),
              e.curves.chance(t, k)});
}

void AddLevel(const HalfLevel& level, std::vector<std::string>& row) {
  for (const double value : {level.sigma, level.low, level.high}) row.push_back(NumberText(value));
  row.push_back(level.censored);
}

// A row a direction, deep and linear side by side.
void AddHalves(const Directions& along, const std::vector<Emerging>& of, Table& table) {
  for (Index k = 0; k < along.lambda.size(); ++k) {
    std::vector<std::string> row = {along.along,
                                    std::to_string(k),
                                    NumberText(along.lambda[k]),
                                    NumberText(along.frequency[k])};
    for (std::size_t p = 0; p < 2; ++p)
      for (Halves Emerging::*measure : {&Emerging::energy, &Emerging::correlation}) {
        const bool known = p < of.size() && !(of[p].*measure).levels.empty();
        AddLevel(known ? (of[p].*measure).levels[static_cast<std::size_t>(k)] : HalfLevel{}, row);
      }
    table.rows.push_back(std::move(row));
  }
}

void WriteEmergence(const RunFolder& run,
                    const std::vector<Process>& processes,
                    const Reference& reference,
                    const SampleTableOptions& options) {
  std::vector<Directions> directions;
  if (reference.n > 0) directions.push_back(Modes(reference, options.modes));
  directions.push_back(Bands(reference));
  const Index d = directions.back().basis.rows();
  const VectorXd mean = reference.n > 0 ? reference.mean : VectorXd(VectorXd::Zero(d));
  Table curves = {{"process",
                   "along",
                   "k",
                   "sigma",
                   "energy",
                   "energy_error",
                   "correlation",
                   "correlation_error",
                   "state_correlation",
                   "chance"},
                  {}};
  Table halves = {{"along", "k", "lambda", "frequency"}, {}};
  for (const std::string denoiser : {"deep", "linear"})
    for (const std::string measure : {"energy", "correlation"})
      for (const char* ending : {"", "_low", "_high", "_censored"})
        halves.columns.push_back(denoiser + "_" + measure + ending);
  std::vector<EmergenceStatistics> statistics;
  for (const Directions& along : directions) {
    std::vector<Emerging> emerging;
    for (const Process& process : processes) {
      emerging.push_back(EmergingOf(process, along, mean, options));
      const Emerging& e = emerging.back();
      AddCurves(process, along, e, curves);
      for (const auto& [measure, levels] :
           {std::pair{"energy", &e.energy}, std::pair{"correlation", &e.correlation}})
        if (!levels->levels.empty())
          statistics.push_back(LevelStatistics(
              process.name, along.along + "_" + measure, *levels, along.lambda, along.frequency));
    }
    AddHalves(along, emerging, halves);
  }
  WriteCsv(run.Path() / "emergence_steps.csv", curves);
  WriteCsv(run.Path() / "path_emergence.csv", halves);
  WriteCsv(run.Path() / "path_statistics.csv", StatisticsTable(statistics));
}

double Cosine(const VectorXd& a, const VectorXd& b) {
  return std::abs(a.dot(b)) / (a.norm() * b.norm());
}

// D - x of sample b where it last moved by more than rounding: near a fixed point x*, where J(x -
// x*) is what is left after a step, it turns towards the leading eigenvector of J.
VectorXd LastStep(const Path& path, Index b) {
  constexpr double kMoves = 1e-3;  // of |x|; estimates are float32
  for (Index t = path.States() - 1; t > 0; --t) {
    const VectorXd x = StateOf(path.noisy, t).col(b), step = StateOf(path.denoised, t).col(b) - x;
    if (!(step.norm() < kMoves * x.norm())) return step;
  }
  return StateOf(path.denoised, 0).col(b) - StateOf(path.noisy, 0).col(b);
}

// A row a sample: where D has come to at one noise level, x = D(x) or nearly so, beside the leading
// eigenvector v of sym(J) there, u_0 and the mean image.
Table FixedPointsTable(const Trajectories& all, const Reference& reference) {
  Table table = {{"sample",
                  "moves",
                  "eigenvalue",
                  "eigenvalue_error",
                  "cos_u0",
                  "cos_mean",
                  "cos_v",
                  "step_cos_v",
                  "v_cos_u0",
                  "v_cos_mean"},
                 {}};
  const Path& path = all.deep;
  const MatrixXd x = StateOf(path.noisy, path.States() - 1),
                 D = StateOf(path.denoised, path.States() - 1);
  const bool known = reference.n > 0;
  const VectorXd u0 = known ? VectorXd(reference.basis.col(0).cast<double>()) : VectorXd();
  for (Index b = 0; b < path.Samples(); ++b) {
    const VectorXd v = all.fixed.eigenvector.col(b).cast<double>(), step = D.col(b) - x.col(b);
    const VectorXd centred = known ? VectorXd(D.col(b) - reference.mean) : VectorXd(D.col(b));
    const auto if_known = [&](auto&& value) { return known ? value() : kNotComputed; };
    AddRow(table,
           {static_cast<double>(b),
            step.norm() / x.col(b).norm(),
            all.fixed.eigenvalue[b],
            all.fixed.residual[b],
            if_known([&] { return Cosine(centred, u0); }),
            if_known([&] { return Cosine(D.col(b), reference.mean); }),
            Cosine(centred, v),
            Cosine(LastStep(path, b), v),
            if_known([&] { return Cosine(v, u0); }),
            if_known([&] { return Cosine(v, reference.mean); })});
  }
  return table;
}

}  // namespace

void WriteSampleTables(const RunFolder& run,
                       const Reference& reference,
                       const SampleTableOptions& options) {
  const Trajectories all = ReadTrajectories(run);
  const std::vector<Process> processes = ProcessesOf(all);
  WriteCsv(run.Path() / "paths.csv", PathsTable(processes));
  if (reference.n > 0) WriteWalks(run, processes, reference);
  WriteEmergence(run, processes, reference, options);
  if (all.fixed.eigenvalue.size() > 0)
    WriteCsv(run.Path() / "fixed_points.csv", FixedPointsTable(all, reference));
}

}  // namespace denoscope
