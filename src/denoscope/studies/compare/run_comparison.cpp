#include "denoscope/studies/compare/run_comparison.h"

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/results/compare_columns.h"
#include "denoscope/studies/compare/shared_cells.h"
#include "denoscope/theory/frequency/emergence.h"
#include "denoscope/theory/optimal/kappa.h"

namespace denoscope {
namespace {

constexpr std::int64_t kLeastForCovariance = 2;  // images

std::vector<double> Values(const Eigen::VectorXd& v) { return {v.begin(), v.end()}; }

Json Summary(const std::vector<ComparedRun>& runs) {
  Json list = Json::array();
  for (const ComparedRun& run : runs) {
    const auto name = [&](const char* part) {
      return run.identity.value(part, Json::object()).value("name", "");
    };
    list.push_back(
        {{"label", run.label},
         {"path", run.path.string()},
         {"model", name("model")},
         {"data", name("data")},
         {"n", run.n},
         {"reference_n", run.reference.n},
         {"sigmas", Values(run.emergence.sigmas)},
         {"images", run.evaluations.front().images},
         {"lambda_frequency",
          RankCorrelation(Values(run.emergence.lambda), Values(run.emergence.frequency))}});
  }
  return {{"runs", list}, {"differences", Differences(runs)}};
}

// Rows of one run below those of the runs before it.
void Append(const TableSpec& spec,
            std::size_t run,
            const std::string& label,
            const Table& part,
            Table& all) {
  if (all.columns.empty()) all = spec.Empty(part.columns);
  for (const std::vector<std::string>& row : part.rows) {
    all.rows.push_back({std::to_string(run), label});
    all.rows.back().insert(all.rows.back().end(), row.begin(), row.end());
  }
}

// Not a number where the run does not say how many images its model has seen.
PlugInHalves TheoryOf(const ComparedRun& run) {
  const Eigen::VectorXd& lambda = run.reference.lambda;
  if (run.n >= kLeastForCovariance) return HalvesOfPlugIn({lambda.cwiseMax(0), 1, run.n, true});
  const Eigen::VectorXd unknown = Eigen::VectorXd::Constant(lambda.size(), kNotComputed);
  return {unknown, unknown};
}

Table HalvesWithTheory(const ComparedRun& run) {
  Table table = HalvesTable(run.emergence);
  const PlugInHalves theory = TheoryOf(run);
  table.columns.insert(table.columns.end(), kPlugInColumns.begin(), kPlugInColumns.end());
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto k = static_cast<Eigen::Index>(row);
    table.rows[row].push_back(NumberText(theory.resolved[k]));
    table.rows[row].push_back(NumberText(theory.gain[k]));
  }
  return table;
}

Table LevelsWithRatio(const ComparedRun& run) {
  Table table = run.levels;
  table.columns.insert(table.columns.end(), kRatioColumns.begin(), kRatioColumns.end());
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const double sigma = NumberAt(table, row, "sigma");
    Evaluation at;
    for (const Evaluation& e : run.evaluations)
      if (e.sigma == sigma) at = e;
    table.rows[row].push_back(NumberText(at.mse / at.linear_mse));
    table.rows[row].push_back(NumberText(at.ratio_error));
  }
  return table;
}

// A comparison may be made anew, never in the place of a run.
void CheckNoOtherRun(const std::filesystem::path& out) {
  if (!std::filesystem::exists(out / "run.json")) return;
  const RunFolder run = RunFolder::Open(out);
  if (const Json kind = run.Manifest().value("kind", Json()); kind != kCompareKind)
    throw Error("compare: the output '{}' is a run of kind {}, choose another folder",
                out.string(),
                kind.dump());
}

Json Identity(const std::vector<ComparedRun>& runs) {
  Json labels = Json::array();
  std::string identities;
  for (const ComparedRun& run : runs) {
    labels.push_back(run.label);
    identities += run.identity.dump() + "\n";
  }
  return {{"runs", labels}, {"sha256", Sha256Hex(identities)}};
}

}  // namespace

Comparison Compare(const std::vector<ComparedRun>& runs) {
  Comparison comparison;
  comparison.summary = Summary(runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto append = [&](const TableSpec& spec, const Table& part, Table& all) {
      Append(spec, i, runs[i].label, part, all);
    };
    append(kComparisonHalves, HalvesWithTheory(runs[i]), comparison.halves);
    append(kComparisonStatistics,
           StatisticsTable(runs[i].emergence.statistics),
           comparison.statistics);
    append(kComparisonLevels, LevelsWithRatio(runs[i]), comparison.levels);
  }
  SharedCells shared = FindSharedCells(runs);
  comparison.cells = std::move(shared.rows);
  comparison.pictures = std::move(shared.pictures);
  return comparison;
}

RunFolder CompareRuns(const std::vector<std::filesystem::path>& paths,
                      const Json& record,
                      const RunTarget& target) {
  const std::vector<ComparedRun> runs = ReadComparedRuns(paths);
  CheckNoOtherRun(target.out);
  const Comparison comparison = Compare(runs);
  Json manifest = {{"kind", kCompareKind}, {"version", 1}, {"identity", Identity(runs)}};
  for (const auto& [key, value] : record.items()) manifest[key] = value;
  RunFolder folder = RunFolder::Begin(target, manifest);
  WriteComparison(folder.Path(), comparison);
  folder.Complete();
  std::filesystem::remove(folder.Path() / "cells");  // it has none
  return folder;
}

}  // namespace denoscope
