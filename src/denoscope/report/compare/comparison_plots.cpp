#include "denoscope/report/compare/comparison_plots.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"

namespace denoscope {
namespace {

std::string RunColour(std::size_t i, std::size_t count) {
  return count <= kOkabeIto.size() ? kOkabeIto[i] : OrderedColour(i, count);
}

int FamilyPoint(const std::string& family) {
  if (family == "linear:wiener") return 4;
  if (family == "linear:empirical") return 8;
  if (family == "linear:shrunk") return 12;
  return family.empty() ? 7 : 10;
}

}  // namespace

std::vector<RunStyle> StylesOf(const std::vector<RunBeside>& runs) {
  std::set<std::int64_t> numbers;
  std::set<std::pair<std::int64_t, std::string>> kinds;
  for (const RunBeside& run : runs) {
    numbers.insert(run.n);
    kinds.insert({run.n, run.Family()});
  }
  constexpr std::size_t kLeast = 3;
  const bool by_number =
      numbers.size() >= kLeast && kinds.size() == runs.size() && numbers.count(0) == 0;
  std::vector<RunStyle> styles;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto place =
        static_cast<std::size_t>(std::distance(numbers.begin(), numbers.find(runs[i].n)));
    styles.push_back({by_number ? OrderedColour(place, numbers.size()) : RunColour(i, runs.size()),
                      FamilyPoint(runs[i].Family())});
  }
  return styles;
}

Table ComparedHalves(const Comparison& comparison) {
  const Table& halves = comparison.halves;
  Table table = {{"run",
                  "k",
                  "lambda",
                  "frequency",
                  "sigma",
                  "sigma_low",
                  "sigma_high",
                  "ratio",
                  "wiener_ratio",
                  "theory_ratio"},
                 {}};
  for (std::size_t row = 0; row < halves.rows.size(); ++row) {
    const auto at = [&](const char* column) { return NumberAt(halves, row, column); };
    const double sigma = at("deep_half_resolved"), scale = std::sqrt(at("lambda"));
    const auto or_level = [&](double end) { return std::isfinite(end) ? end : sigma; };
    AddRow(table,
           {at("run"),
            at("k"),
            at("lambda"),
            at("frequency"),
            sigma,
            or_level(at("deep_half_resolved_low")),
            or_level(at("deep_half_resolved_high")),
            sigma / scale,
            at("linear_half_resolved") / scale,
            at("plug_in_half_resolved") / scale});
  }
  return table;
}

Extent ExtentOf(const NumberRows& rows, const std::vector<std::string>& columns) {
  Extent extent = {std::numeric_limits<double>::infinity(), 0};
  for (const std::string& column : columns)
    for (const double value : rows.Values(column))
      if (std::isfinite(value) && value > 0) {
        extent.low = std::min(extent.low, value);
        extent.high = std::max(extent.high, value);
      }
  return extent.high > 0 ? extent : Extent{0.1, 1};
}

std::string OfRun(const std::string& column, std::size_t run) {
  return Chosen(column, {{"run", static_cast<double>(run), ""}});
}

std::string Shortened(const std::string& label) {
  constexpr std::size_t kMost = 48;
  return label.size() > kMost ? label.substr(0, kMost) + ".." : label;
}

}  // namespace denoscope
