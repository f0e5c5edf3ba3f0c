#include "denoscope/report/sweep/curves.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
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

Plot EigenvaluePlot(const std::vector<LevelCurves>& levels) {
  constexpr const char* kData = "'eigenvalues.csv' using \"index\":";
  Plot plot, lines, dashes;
  bool linear = false;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::string name = SigmaName(levels[i].sigma);
    const std::string colour = "lc rgb '" + OrderedColour(i, levels.size()) + "'";
    plot.Add(
        fmt::format("{0}\"deep_min_{1}\":\"deep_max_{1}\" with filledcurves {2} fs transparent "
                    "solid 0.13 noborder",
                    kData,
                    name,
                    colour));
    lines.Add(fmt::format("{}\"deep_{}\" with lines {} lw 1.4", kData, name, colour),
              SigmaText(levels[i].sigma));
    if (levels[i].linear.mean.size() == 0) continue;
    linear = true;
    dashes.Add(fmt::format("{}\"linear_{}\" with lines {} lw 1 dt (7,4)", kData, name, colour));
  }
  plot.Add(lines);
  plot.Add(dashes);
  if (linear) plot.Add("NaN with lines " + Rgb(kGrey25) + " lw 1 dt (7,4)", "Wiener");
  plot.Add("NaN");
  return plot;
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

std::string EigenvalueAxes(const std::vector<LevelCurves>& levels) {
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
set arrow from graph 0, first 0 to graph 1, first 0 nohead )" +
                         Rgb(kGrey56) + R"( lw 0.6 back
)",
                     levels[0].deep.mean.size(),
                     low - margin,
                     high + margin);
}

bool AnyLinear(const std::vector<Evaluation>& evaluations) {
  return std::any_of(evaluations.begin(), evaluations.end(), [](const Evaluation& e) {
    return std::isfinite(e.linear_mse);
  });
}

Plot MsePlot(const std::vector<Evaluation>& evaluations) {
  const std::string data = "'mse.csv' using \"sigma\":";
  Plot plot;
  plot.Add(fmt::format("{}\"noisy\" with lines lc rgb '{}' lw 1.2", data, kNoisyColour),
           "noisy image, σ²");
  plot.Add(fmt::format("{}\"deep\":\"deep_error\" with yerrorbars lc rgb '{}' pt 7 ps 1.1 lw 0.8",
                       data,
                       kDeepColour));
  plot.Add(fmt::format("{}\"deep\" with lines lc rgb '{}' lw 1.4", data, kDeepColour));
  plot.Add(fmt::format("NaN with linespoints lc rgb '{}' pt 7 ps 1.1 lw 1.4", kDeepColour),
           "denoiser");
  if (!AnyLinear(evaluations)) return plot;
  plot.Add(
      fmt::format("{}\"linear\":\"linear_error\" with yerrorbars lc rgb '{}' pt 4 ps 1.2 lw 0.8",
                  data,
                  kLinearColour));
  plot.Add(fmt::format("{}\"linear\" with lines lc rgb '{}' dt (7,4) lw 1.2", data, kLinearColour));
  plot.Add(fmt::format("NaN with linespoints lc rgb '{}' dt (7,4) pt 4 ps 1.2", kLinearColour),
           "Wiener");
  return plot;
}

}  // namespace

std::optional<Figure> EigenvalueFigure(const RunContents& run, const Canvas& canvas) {
  const std::vector<LevelCurves> levels = ChosenLevels(run);
  if (levels.empty()) return std::nullopt;
  const Panels panels(canvas, 1, {14, "noise level σ"}, {960, 660});
  const Plot plot = EigenvaluePlot(levels);
  const std::string commands = EigenvalueAxes(levels) + panels.KeyTitle() +
                               panels.Place(0, TitleOf(run, "mean over " + MeasuredOver(run))) +
                               plot.Command();
  const bool linear = levels[0].linear.mean.size() > 0;
  return Figure{
      Draw(canvas,
           panels.Whole(
               "eigenvalues", commands, plot, {{"eigenvalues.csv", EigenvalueTable(levels)}})),
      fmt::format("Eigenvalues of the symmetric part of the Jacobian by index, mean over {}; "
                  "shaded: smallest to largest.{} An optimal denoiser that knows sigma has none "
                  "below 0.",
                  MeasuredOver(run),
                  linear ? " Dashed: the Wiener denoiser at the same noise level." : "")};
}

std::optional<Figure> MseFigure(const RunContents& run, const Canvas& canvas) {
  if (run.evaluations.empty()) return std::nullopt;
  const Panels panels = OnePanel(canvas, 16, {1030, 690});
  const Plot plot = MsePlot(run.evaluations);
  const std::string title =
      TitleOf(run, fmt::format("{} held-out images", run.evaluations.front().images));
  const std::string commands =
      SigmaAxis(run.evaluations.front().sigma, run.evaluations.back().sigma) +
      "set logscale y\nset format y '10^{%T}'\nset ylabel 'mean squared error per pixel'\n" +
      panels.Place(0, title) + panels.Inside("bottom right") + "plot " + plot.Curves();
  return Figure{
      Draw(canvas, panels.Whole("mse", commands, plot, {{"mse.csv", MseTable(run.evaluations)}})),
      fmt::format("Mean squared error per pixel against noise level over {} held-out images, with "
                  "standard errors (often smaller than the points).",
                  run.evaluations.front().images)};
}

}  // namespace denoscope
