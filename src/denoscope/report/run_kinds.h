// The kinds of run, and what is made of each from its folder alone: figures, findings, a page.
#pragma once

#include <string>
#include <vector>

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// Cells of images at noise levels, all named by the run's options; or of states along paths.
enum class RunCells { kNone, kOfImages, kOfPaths };

struct RunKind {
  std::string name;   // "kind" of run.json
  std::string topic;  // in front of the page's title; empty: none
  RunCells cells = RunCells::kNone;
  std::vector<Figure> (*figures)(const RunFolder& run, const Canvas& canvas) = nullptr;
  std::string (*findings)(const RunFolder& run) = nullptr;
};

// Null where there is no such kind.
const RunKind* FindRunKind(const std::string& name);

// Writes NAME.png and NAME.svg into figures/ and returns them in reading order; a width of 0 is
// that of a screen. A gnuplot script and its data lie beside them, so that `gnuplot NAME.gp` in
// that folder makes the PNG again. What a run lacks (a training set, an evaluation, cells) leaves
// out the figures that need it. Throws without gnuplot, and for an unknown kind.
std::vector<Figure> MakeFigures(const RunFolder& run, double millimetres = 0);

// What the run found, in a few plain lines, with intervals or standard errors where the records
// hold them. What the run cannot say (no evaluation, no training set, too few images) is said
// instead. Throws for an unknown kind.
std::string Findings(const RunFolder& run);

}  // namespace denoscope
