#include "denoscope/report/sweep/run_contents.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "denoscope/results/sweep_columns.h"

namespace denoscope {

RunContents ReadContents(const RunFolder& run) {
  RunContents contents = {SubjectOf(run.Manifest()["identity"]),
                          run.ReadReference(),
                          run.ReadCells(),
                          run.ReadEvaluations(),
                          run.ReadEmergence(),
                          run.ReadTableIf(kSweepLevels),
                          run.ReadTableIf(kSweepAlignment),
                          run.ReadTableIf(kSweepTracks),
                          run.ReadTableIf(kSweepLedger),
                          run.ReadTableIf(kSweepTimeUpdate)};
  std::sort(contents.evaluations.begin(),
            contents.evaluations.end(),
            [](const Evaluation& a, const Evaluation& b) { return a.sigma < b.sigma; });
  return contents;
}

std::vector<Level> Levels(const std::vector<Cell>& cells) {
  std::map<double, Level> levels;
  for (const Cell& cell : cells) {
    levels[cell.sigma].sigma = cell.sigma;
    levels[cell.sigma].cells.push_back(&cell);
  }
  std::vector<Level> ascending;
  ascending.reserve(levels.size());
  for (auto& [sigma, level] : levels) ascending.push_back(std::move(level));
  return ascending;
}

std::vector<std::int64_t> Images(const std::vector<Cell>& cells) {
  std::set<std::int64_t> images;
  for (const Cell& cell : cells) images.insert(cell.image);
  return {images.begin(), images.end()};
}

EmergenceMeasure MeasureOf(const Emergence& emergence) {
  if (emergence.resolved.size() > 0)
    return {"resolved", "resolved variance", &ModeHalves::resolved};
  return {"gain_relative", "relative gain", &ModeHalves::gain_relative};
}

std::optional<EmergenceStatistics> StatisticsOf(const Emergence& emergence,
                                                const std::string& denoiser,
                                                const std::string& measure) {
  for (const EmergenceStatistics& s : emergence.statistics)
    if (s.denoiser == denoiser && s.measure == measure) return s;
  return std::nullopt;
}

}  // namespace denoscope
