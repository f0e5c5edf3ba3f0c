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

std::string Subject(const Json& identity);  // as above, of a manifest's identity

struct Level {  // the cells of one noise level
  double sigma = 0;
  std::vector<const Cell*> cells;
};
std::vector<Level> Levels(const std::vector<Cell>& cells);  // by ascending sigma
std::vector<std::int64_t> Images(const std::vector<Cell>& cells);

// At most `most` of 0 .. count-1, evenly spread, ascending, with both ends.
std::vector<std::size_t> EvenChoice(std::size_t count, std::size_t most);

std::string Counted(std::size_t count, const std::string& thing);  // "1 image", "8 images"
std::string SigmaText(double sigma);                               // for people: three digits
std::string SigmaName(double sigma);  // for columns: "0.100000", as in the names of cells

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
