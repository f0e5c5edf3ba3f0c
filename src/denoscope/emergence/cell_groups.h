// The cells of a run, put in groups.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "denoscope/results/records.h"

namespace denoscope {

// Of one image and one draw, by ascending sigma: what a change of sigma alone does.
using CellSeries = std::vector<const Cell*>;
inline std::vector<CellSeries> SeriesOf(const std::vector<Cell>& cells) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::map<std::int64_t, const Cell*>> found;
  for (const Cell& cell : cells) found[{cell.image, cell.draw}][cell.sigma_index] = &cell;
  std::vector<CellSeries> series;
  for (const auto& [key, levels] : found) {
    series.emplace_back();
    for (const auto& [index, cell] : levels) series.back().push_back(cell);
  }
  return series;
}

// Of one noise level, by ascending sigma.
inline std::vector<std::vector<const Cell*>> LevelsOf(const std::vector<Cell>& cells) {
  std::map<std::int64_t, std::vector<const Cell*>> found;
  for (const Cell& cell : cells) found[cell.sigma_index].push_back(&cell);
  std::vector<std::vector<const Cell*>> levels;
  for (const auto& [index, at] : found) levels.push_back(at);
  return levels;
}

}  // namespace denoscope
