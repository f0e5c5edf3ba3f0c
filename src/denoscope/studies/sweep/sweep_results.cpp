#include "denoscope/studies/sweep/sweep_results.h"

#include "denoscope/emergence/alignment_tables.h"
#include "denoscope/emergence/level_tables.h"
#include "denoscope/emergence/mode_tracks.h"
#include "denoscope/results/emergence_columns.h"
#include "denoscope/results/sweep_columns.h"
#include "denoscope/runs/study_run.h"
#include "denoscope/studies/sweep/sweep_units.h"

namespace denoscope {
namespace {

Table SummaryTable(const std::vector<Cell>& cells) {
  Table table = kSweepSummary.Empty();
  const bool linear = !cells.empty() && cells.front().HasLinear();
  for (const std::string prefix : {"", "linear_"})
    if (prefix.empty() || linear)
      for (const auto& [name, value] : Scalars(Spectrum())) table.columns.push_back(prefix + name);
  for (const Cell& cell : cells) {
    std::vector<std::string> row = {
        std::to_string(cell.image), NumberText(cell.sigma), std::to_string(cell.draw)};
    for (const auto& [name, value] : Scalars(cell.deep)) row.push_back(NumberText(value));
    if (linear)
      for (const auto& [name, value] : Scalars(cell.linear)) row.push_back(NumberText(value));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<ModeTrack> AllTracks(const std::vector<Cell>& cells) {
  std::vector<ModeTrack> tracks;
  for (const CellSeries& series : SeriesOf(cells))
    for (ModeTrack& track : TrackModes(series)) tracks.push_back(std::move(track));
  return tracks;
}

Emergence EmergenceOf(const RunFolder& run,
                      const std::vector<Cell>& cells,
                      const std::vector<Evaluation>& evaluations,
                      const Reference& reference,
                      const CellTableOptions& options) {
  std::vector<NullEvaluations> nulls;
  for (const std::string& null : options.nulls) nulls.push_back({null, run.ReadEvaluations(null)});
  return AnalyzeEmergence(options.sigmas, cells, evaluations, reference, options.emergence, nulls);
}

}  // namespace

void WriteCellTables(const RunFolder& run,
                     const Reference& reference,
                     const CellTableOptions& options) {
  const std::vector<Cell> cells = run.ReadCells();
  if (cells.empty()) return;
  const std::vector<Evaluation> evaluations = run.ReadEvaluations();
  const auto write = [&](const char* name, const Table& table) {
    WriteCsv(run.Path() / name, table);
  };
  write(kSweepSummary.file, SummaryTable(cells));
  write(kSweepLevels.file, LevelsTable(cells, evaluations, reference));
  write(kSweepAlignment.file, AlignmentTable(cells, reference));
  write(kSweepSubspaces.file, SubspacesTable(cells, reference));
  write(kSweepTracks.file, TracksTable(AllTracks(cells)));
  if (reference.n == 0) return;
  const Emergence emergence = EmergenceOf(run, cells, evaluations, reference, options);
  WriteNpz(run.Path() / kModesFile, ToNpz(emergence));
  write(kModeHalves.file, HalvesTable(emergence));
  write(kStatistics.file, StatisticsTable(emergence.statistics));
  write(kSweepTimeUpdate.file, TimeUpdateTable(cells));
  if (emergence.bands.lambda.size() == 0) return;
  write(kBandHalves.file, HalvesTable(emergence.bands));
  write(kSweepLedger.file, LedgerTable(evaluations, reference));
}

void FinishRun(RunFolder& run) {
  const auto options = OptionsOf<SweepOptions>(run);
  const std::vector<std::string> nulls =
      run.Manifest()["identity"].value("nulls", std::vector<std::string>());
  CompleteRun(run, [&] {
    for (const SweepUnit& unit : SweepUnits(options, nulls))
      if (!run.HasCell(unit.Name()))
        throw Error("run '{}': cell '{}' is missing", run.Path().string(), unit.Name());
    WriteCellTables(run,
                    run.ReadReference(),
                    {options.sigmas, {options.evaluation.replicates, options.seed}, nulls});
  });
}

}  // namespace denoscope
