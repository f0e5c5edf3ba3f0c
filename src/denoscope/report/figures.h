// The figures of a run, made from its folder alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/report/canvas.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct Figure {
  std::filesystem::path path;  // of the PNG; the SVG lies beside it
  std::string caption;
};

// Writes NAME.png and NAME.svg into figures/ and returns them in reading order; a width of 0 is
// that of a screen. A gnuplot script and its data lie beside them, so that `gnuplot NAME.gp` in
// that folder makes the PNG again. What a run lacks (a training set, an evaluation, cells) leaves
// out the figures that need it. Throws without gnuplot.
std::vector<Figure> MakeFigures(const RunFolder& run, double millimetres = 0);

}  // namespace denoscope
