// The figures of a run, made from its folder alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/results/run_folder.h"

namespace denoscope {

struct Figure {
  std::filesystem::path path;  // of the PNG
  std::string caption;
};

// Writes figures/*.png and returns them in reading order. A curve's gnuplot script and its data lie
// beside it, so that `gnuplot NAME.gp` in that folder makes the PNG again. What a run lacks (a
// training set, an evaluation, cells) leaves out the figures that need it. Throws without gnuplot.
std::vector<Figure> MakeFigures(const RunFolder& run);

}  // namespace denoscope
