#include "denoscope/report/sweep/curves.h"

#include <algorithm>
#include <cmath>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
constexpr std::size_t kMostLevels = 6;

struct Envelope {  // over the cells of a level, per index; empty when no cell has eigenvalues
  VectorXd mean, low, high;
};

Envelope EigenvalueEnvelope(const std::vector<const Cell*>& cells, Spectrum Cell::*which) {
  Envelope e;
  double count = 0;
  for (const Cell* cell : cells) {
    const VectorXd& values = (cell->*which).eigenvalues;
    if (values.size() == 0) continue;
    const bool first = count++ == 0;
    e.mean = first ? values : VectorXd(e.mean + values);
    e.low = first ? values : VectorXd(e.low.cwiseMin(values));
    e.high = first ? values : VectorXd(e.high.cwiseMax(values));
  }
  if (count > 0) e.mean /= count;
  return e;
}

struct LevelCurves {
  double sigma = 0;
  Envelope deep, linear;
};

std::vector<LevelCurves> ChosenLevels(const RunContents& run) {
  const std::vector<Level> levels = Levels(run.cells);
  std::vector<LevelCurves> chosen;
  for (const std::size_t i : EvenChoice(levels.size(), kMostLevels)) {
    LevelCurves curves = {levels[i].sigma,
                          EigenvalueEnvelope(levels[i].cells, &Cell::deep),
                          EigenvalueEnvelope(levels[i].cells, &Cell::linear)};
    if (curves.deep.mean.size() > 0) chosen.push_back(std::move(curves));
  }
  return chosen;
}

Table EigenvalueTable(const std::vector<LevelCurves>& levels) {
  Table table = {{"index"}, {}};
  for (Index k = 0; k < levels[0].deep.mean.size(); ++k)
    table.rows.push_back({std::to_string(k + 1)});
  const auto add = [&](const std::string& name, double sigma, const VectorXd& values) {
    table.columns.push_back(name + "_" + SigmaName(sigma));
    for (std::size_t k = 0; k < table.rows.size(); ++k)
      table.rows[k].push_back(NumberText(values[static_cast<Index>(k)]));
  };
  for (const LevelCurves& level : levels) {
    add("deep", level.sigma, level.deep.mean);
    add("deep_min", level.sigma, level.deep.low);
    add("deep_max", level.sigma, level.deep.high);
    if (level.linear.mean.size() > 0) add("linear", level.sigma, level.linear.mean);
  }
  return table;
}

std::string EigenvaluePlots(const std::vector<LevelCurves>& levels) {
  constexpr const char* kData = "  'eigenvalues.csv' using ";
  std::string bands, lines, dashes;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::string name = SigmaName(levels[i].sigma);
    const double t = levels.size() < 2 ? 0 : static_cast<double>(i) / (levels.size() - 1.0);
    const std::string colour = "lc rgb '" + Hex(Ordered(t)) + "'";
    bands += fmt::format(
        "{0}\"index\":\"deep_min_{1}\":\"deep_max_{1}\" with filledcurves {2} fs transparent solid "
        "0.13 noborder, \\\n",
        kData,
        name,
        colour);
    lines += fmt::format("{}\"index\":\"deep_{}\" with lines {} lw 1.4 title '{}', \\\n",
                         kData,
                         name,
                         colour,
                         SigmaText(levels[i].sigma));
    if (levels[i].linear.mean.size() > 0)
      dashes += fmt::format(
          "{}\"index\":\"linear_{}\" with lines {} lw 1 dt (7,4), \\\n", kData, name, colour);
  }
  if (!dashes.empty())
    dashes += "  NaN with lines lc rgb '#404040' lw 1 dt (7,4) title 'Wiener', \\\n";
  return bands + lines + dashes;
}

std::string MeasuredOver(const RunContents& run) {
  const std::size_t images = Images(run.cells).size();
  const std::size_t cells = Levels(run.cells).front().cells.size();
  return Counted(images, "image") +
         (cells == images ? "" : ", " + Counted(cells, "cell") + " per noise level");
}

Table MseTable(const std::vector<Evaluation>& evaluations) {
  Table table = {{"sigma", "images", "noisy", "deep", "deep_error", "linear", "linear_error"}, {}};
  for (const Evaluation& e : evaluations)
    table.rows.push_back({NumberText(e.sigma),
                          std::to_string(e.images),
                          NumberText(e.sigma * e.sigma),
                          NumberText(e.mse),
                          NumberText(e.mse_error),
                          NumberText(e.linear_mse),
                          NumberText(e.linear_mse_error)});
  return table;
}

std::string TitleOf(const RunContents& run, const std::string& what) {
  return run.subject.empty() ? what : run.subject + ": " + what;
}

std::string EigenvalueCommands(const std::string& place, const std::vector<LevelCurves>& levels) {
  double low = 0, high = 1;
  for (const LevelCurves& level : levels) {
    low = std::min(low, level.deep.low.minCoeff());
    high = std::max(high, level.deep.high.maxCoeff());
  }
  const double margin = 0.03 * (high - low);
  return fmt::format(R"(set logscale x
set xrange [1:{}]
set yrange [{:.4g}:{:.4g}]
set xlabel 'index k + 1'
set ylabel 'eigenvalue μ_k of (J + Jᵀ)/2'
set arrow from graph 0, first 0 to graph 1, first 0 nohead lc rgb '#909090' lw 0.6 back
set key title 'noise level σ'
{}plot \
{}  NaN
)",
                     levels[0].deep.mean.size(),
                     low - margin,
                     high + margin,
                     place,
                     EigenvaluePlots(levels));
}

bool AnyLinear(const std::vector<Evaluation>& evaluations) {
  return std::any_of(evaluations.begin(), evaluations.end(), [](const Evaluation& e) {
    return std::isfinite(e.linear_mse);
  });
}

std::string MseCommands(const RunContents& run, const Panels& panels) {
  const std::string wiener = fmt::format(
      R"(, \
  'mse.csv' using "sigma":"linear":"linear_error" with yerrorbars lc rgb '{0}' pt 4 ps 1.2 lw 0.8, \
  'mse.csv' using "sigma":"linear" with lines lc rgb '{0}' dt (7,4) lw 1.2, \
  NaN with linespoints lc rgb '{0}' dt (7,4) pt 4 ps 1.2 title 'Wiener')",
      kLinearColour);
  return fmt::format(
      R"({1}set logscale y
set format y '10^{{%T}}'
set ylabel 'mean squared error per pixel'
{0}{5}plot 'mse.csv' using "sigma":"noisy" with lines lc rgb '{2}' lw 1.2 title 'noisy image, σ²', \
  'mse.csv' using "sigma":"deep":"deep_error" with yerrorbars lc rgb '{3}' pt 7 ps 1.1 lw 0.8, \
  'mse.csv' using "sigma":"deep" with lines lc rgb '{3}' lw 1.4, \
  NaN with linespoints lc rgb '{3}' pt 7 ps 1.1 lw 1.4 title 'denoiser'{4}
)",
      panels.Place(0,
                   TitleOf(run, fmt::format("{} held-out images", run.evaluations.front().images))),
      SigmaAxis(run.evaluations.front().sigma, run.evaluations.back().sigma),
      kNoisyColour,
      kDeepColour,
      AnyLinear(run.evaluations) ? wiener : "",
      panels.Inside("bottom right"));
}

}  // namespace

std::optional<Figure> EigenvalueFigure(const RunContents& run, const Canvas& canvas) {
  const std::vector<LevelCurves> levels = ChosenLevels(run);
  if (levels.empty()) return std::nullopt;
  const Panels panels(canvas, 1, 14, {960, 660});
  const std::string commands =
      EigenvalueCommands(panels.Place(0, TitleOf(run, "mean over " + MeasuredOver(run))), levels);
  const bool linear = levels[0].linear.mean.size() > 0;
  return Figure{
      Draw(canvas,
           panels.Whole("eigenvalues", commands, {{"eigenvalues.csv", EigenvalueTable(levels)}})),
      fmt::format("Eigenvalues of the symmetric part of the Jacobian by index, mean over {}; "
                  "shaded: smallest to largest.{} An optimal denoiser that knows sigma has none "
                  "below 0.",
                  MeasuredOver(run),
                  linear ? " Dashed: the Wiener denoiser at the same noise level." : "")};
}

std::optional<Figure> MseFigure(const RunContents& run, const Canvas& canvas) {
  if (run.evaluations.empty()) return std::nullopt;
  const Panels panels = OnePanel(canvas, 16, {1030, 690});
  return Figure{
      Draw(canvas,
           panels.Whole("mse", MseCommands(run, panels), {{"mse.csv", MseTable(run.evaluations)}})),
      fmt::format("Mean squared error per pixel against noise level over {} held-out images, with "
                  "standard errors (often smaller than the points).",
                  run.evaluations.front().images)};
}

}  // namespace denoscope
