// What the figures of a comparison have in common: the look of a run, and the data that they plot.
#pragma once

#include <string>
#include <vector>

#include "denoscope/report/compare/comparison_run.h"
#include "denoscope/report/plots/number_rows.h"

namespace denoscope {

struct RunStyle {
  std::string colour;
  int point = 7;
};
// Runs that differ in how many images they learned from are coloured by that, few to many, and what
// they are by the point; all else is a colour a run.
std::vector<RunStyle> StylesOf(const std::vector<RunBeside>& runs);

// A row a run and mode: levels sigma_half of resolved variance, and over sqrt(lambda) as "ratio",
// Wiener's and the theory's too. Its file is kComparedHalves.
constexpr const char* kComparedHalves = "compared_halves.csv";
Table ComparedHalves(const Comparison& comparison);

std::string OfRun(const std::string& column, std::size_t run);  // a gnuplot expression
std::string Shortened(const std::string& label);

struct Extent {
  double low = 0, high = 0;
};
// Of the finite, positive values; 0.1 to 1 without any.
Extent ExtentOf(const NumberRows& rows, const std::vector<std::string>& columns);

}  // namespace denoscope
