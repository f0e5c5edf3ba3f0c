// Files of a comparison: docs/formats.md says what they hold. A row of a table begins with its run,
// by number from 0 and label, and goes on as in that run's own table.
#pragma once

#include "denoscope/results/table_spec.h"

namespace denoscope {

inline constexpr TableSpec kComparisonHalves = {"halves.csv", {"run", "label"}};
// After the columns of kModeHalves.
inline constexpr std::initializer_list<const char*> kPlugInColumns = {"plug_in_half_resolved",
                                                                      "plug_in_half_gain"};

inline constexpr TableSpec kComparisonStatistics = {"statistics.csv", {"run", "label"}};

inline constexpr TableSpec kComparisonLevels = {"levels.csv", {"run", "label"}};
// After the columns of kSweepLevels: of mse to linear_mse.
inline constexpr std::initializer_list<const char*> kRatioColumns = {"ratio", "ratio_error"};

// Then the scalars of a spectrum.
inline constexpr TableSpec kComparisonCells = {"cells.csv",
                                               {"run", "label", "image", "sigma", "draw"}};

constexpr const char* kComparisonSummary = "compare.json";
constexpr const char* kComparisonPictures = "pictures.npz";

}  // namespace denoscope
