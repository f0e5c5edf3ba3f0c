// The units of a sweep: evaluations of the denoiser, then of the nulls, then cells noise level by
// noise level, for the linear twin changes with sigma only.
#pragma once

#include <string>
#include <vector>

#include "denoscope/results/run_folder.h"

namespace denoscope {

// Images of an evaluation of a null denoiser, at most: their effects are large or none.
constexpr std::int64_t kNullImages = 500;

struct SweepUnit {
  bool is_evaluation = false;
  std::string null;  // the null denoiser that is evaluated; empty: the denoiser itself
  CellKey key;
  std::string Name() const;
};
std::vector<SweepUnit> SweepUnits(const Json& identity);

}  // namespace denoscope
