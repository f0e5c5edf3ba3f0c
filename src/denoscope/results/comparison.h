// Finished runs of analyze side by side: the content of the folder that `compare` writes.
#pragma once

#include <filesystem>

#include "denoscope/arrays/npy.h"
#include "denoscope/files/csv.h"
#include "denoscope/files/json.h"

namespace denoscope {

// `summary`: "runs", a list with each run's "label", "path", "model", "data", "n" (images that its
// model was learned from; 0: not recorded), "reference_n", "sigmas", "images" (held-out) and
// "lambda_frequency" (rank correlation of the two over its modes), and "differences" (see
// results/compared_runs.h). The tables are those of results/compare_columns.h.
struct Comparison {
  Json summary;
  Table halves;      // those of emergence.csv, then plug_in_half_resolved and plug_in_half_gain
  Table statistics;  // those of statistics.csv
  Table levels;      // those of levels.csv, then ratio and ratio_error, of mse to linear_mse
  Table cells;       // of cells that all runs share, and what some of them show
  Npz pictures;      // (studies/compare/shared_cells.h): the first comparisons had neither
};
void WriteComparison(const std::filesystem::path& folder, const Comparison& comparison);
Comparison ReadComparison(const std::filesystem::path& folder);

}  // namespace denoscope
