// Which cells of a run its page shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "denoscope/files/json.h"

namespace denoscope {

struct CellFiles {
  std::int64_t image = 0, draw = 0;
  std::map<std::size_t, std::filesystem::path> cells;  // by stop
};

struct CellGrid {
  std::vector<double> sigmas;  // of the stops, ascending; of series with own levels the first one's
  std::vector<CellFiles> series;
  std::size_t found = 0, expected = 0;  // cells in the folder; by the options, 0: not known

  // At most so many of each, evenly chosen.
  void Thin(std::size_t most_series, std::size_t most_stops);
};

// Of the names of files alone. What the options of an analysis ask for and is not there yet makes
// an empty place.
CellGrid FindCells(const std::filesystem::path& run, const Json& manifest);

}  // namespace denoscope
