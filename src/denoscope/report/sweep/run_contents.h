// All that figures and findings use of a run, read once, and choices among it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "denoscope/results/run_folder.h"

namespace denoscope {

struct RunContents {
  std::string subject;  // "unet on fashion-mnist"; empty when the manifest names neither
  Reference reference;
  std::vector<Cell> cells;
  std::vector<Evaluation> evaluations;  // by ascending sigma
  std::optional<Emergence> emergence;
  Table levels, alignment, tracks, ledger, time_update;  // empty where the run has none
};
RunContents ReadContents(const RunFolder& run);

struct Level {  // the cells of one noise level
  double sigma = 0;
  std::vector<const Cell*> cells;
};
std::vector<Level> Levels(const std::vector<Cell>& cells);  // by ascending sigma
std::vector<std::int64_t> Images(const std::vector<Cell>& cells);

// The measure of emergence that a run has: resolved variance needs an evaluation, relative gain
// only cells.
struct EmergenceMeasure {
  std::string name;   // as in EmergenceStatistics
  std::string words;  // "resolved variance"
  HalfLevel ModeHalves::*half = nullptr;
};
EmergenceMeasure MeasureOf(const Emergence& emergence);
// Nothing when the run has no such row.
std::optional<EmergenceStatistics> StatisticsOf(const Emergence& emergence,
                                                const std::string& denoiser,
                                                const std::string& measure);

}  // namespace denoscope
