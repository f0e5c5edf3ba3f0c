#include "denoscope/report/compare/comparison_figures.h"

#include <algorithm>
#include <set>

#include "denoscope/report/compare/comparison_control_figure.h"
#include "denoscope/report/compare/shared_cell_figures.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"

namespace denoscope {
namespace {

constexpr PanelSize kWide = {900, 640};

bool OneSet(const std::vector<RunBeside>& runs) {
  return std::all_of(runs.begin(), runs.end(), [&](const RunBeside& run) {
    return run.data == runs.front().data;
  });
}

// One curve a number of images and reference, of the first run that has it.
std::vector<std::size_t> RunsWithTheory(const std::vector<RunBeside>& runs) {
  std::set<std::pair<std::int64_t, std::string>> seen;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (runs[i].n > 0 && seen.insert({runs[i].n, runs[i].data}).second) chosen.push_back(i);
  return chosen;
}

std::string TheoryTitle(const std::vector<RunBeside>& runs, const RunBeside& run) {
  const std::string of = OneSet(runs) ? "" : " of " + Shortened(run.data);
  return fmt::format("theory: Wiener of {} images{}", run.n, of);
}

std::string HalvesTitle(const RunBeside& run) {
  const std::int64_t censored = run.deep.censored;
  return Shortened(run.label) + (censored > 0 ? fmt::format(" ({} censored)", censored) : "");
}

Figure HalvesFigure(const std::vector<RunBeside>& runs, const Table& data, const Canvas& canvas) {
  const std::vector<RunStyle> styles = StylesOf(runs);
  const NumberRows rows(data);
  const std::vector<std::size_t> theory = RunsWithTheory(runs);
  std::size_t widest = 0;
  for (const RunBeside& run : runs)
    widest = std::max({widest, TheoryTitle(runs, run).size(), HalvesTitle(run).size()});
  const Panels panels(canvas, 1, {static_cast<int>(widest)}, kWide);
  const Extent ratio = ExtentOf(rows, {"ratio", "wiener_ratio"}), k = ExtentOf(rows, {"k"});
  const std::string by_k = fmt::format("'{}' using (column(\"k\") + 1):", kComparedHalves);
  Plot plot;
  plot.Add("1 with lines lw 1.3 " + Rgb(kGrey25), "population, sqrt(λ_k)");
  plot.Add(by_k + "\"wiener_ratio\" with points pt 7 ps 0.25 " + Rgb(kGrey44), "Wiener, measured");
  for (const std::size_t i : theory)
    plot.Add(fmt::format("{}{} with lines dt (7,4) lw 1.2 lc rgb '{}'",
                         by_k,
                         OfRun("theory_ratio", i),
                         styles[i].colour),
             Plain(TheoryTitle(runs, runs[i])));
  for (std::size_t i = 0; i < runs.size(); ++i)
    plot.Add(fmt::format("{}{} with points pt {} ps 0.8 lc rgb '{}'",
                         by_k,
                         OfRun("ratio", i),
                         styles[i].point,
                         styles[i].colour),
             Plain(HalvesTitle(runs[i])));
  plot.Add("NaN");
  const std::string commands =
      LogarithmicTics("x") +
      "set logscale y\nset format y '%g'\n"
      "set ytics (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 5, 10, 20, 50)\n" +
      fmt::format("set xrange [0.9:{:.6g}]\nset yrange [{:.6g}:{:.6g}]\n",
                  (k.high + 1) * 1.1,
                  ratio.low / 1.15,
                  std::max(ratio.high, 1.0) * 1.15) +
      "set xlabel 'k + 1, most variance first'\nset ylabel 'σ_½ / sqrt(λ_k)'\n" +
      panels.Place(0, "half levels over those of Wiener") + plot.Command();
  return {Draw(canvas, panels.Whole("halves", commands, plot, {{kComparedHalves, data}})),
          "The noise level at which mode k is half resolved, over the population's sqrt(lambda_k); "
          "dashed: that of the plug-in Wiener denoiser of n images, in theory. Above 1 a denoiser "
          "sees a mode in more noise than any linear one."};
}

Plot MseRatioPlot(const std::vector<RunBeside>& runs) {
  const std::vector<RunStyle> styles = StylesOf(runs);
  Plot plot;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string ratio =
        fmt::format("'compared_levels.csv' using \"sigma\":{}", OfRun("ratio", i));
    plot.Add(fmt::format("{}:{} with yerrorbars pt 0 lw 0.7 lc rgb '{}'",
                         ratio,
                         OfRun("ratio_error", i),
                         styles[i].colour));
    plot.Add(fmt::format("{} with linespoints pt {} ps 0.9 lw 1.5 lc rgb '{}'",
                         ratio,
                         styles[i].point,
                         styles[i].colour),
             Plain(Shortened(runs[i].label)));
  }
  plot.Add("NaN with lines dt (7,4) lw 1.2 " + Rgb(kGrey25), "Wiener");
  return plot;
}

Figure ErrorsFigure(const std::vector<RunBeside>& runs,
                    const Comparison& comparison,
                    const Canvas& canvas) {
  const NumberRows levels(comparison.levels);
  Table data = {{"run", "sigma", "ratio", "ratio_error"}, {}};
  for (std::size_t row = 0; row < levels.Count(); ++row)
    AddRow(data,
           {levels.At(row, "run"),
            levels.At(row, "sigma"),
            levels.At(row, "ratio"),
            levels.At(row, "ratio_error")});
  const NumberRows rows(data);
  const Extent sigma = ExtentOf(rows, {"sigma"}), ratio = ExtentOf(rows, {"ratio"});
  std::size_t widest = 0;
  for (const RunBeside& run : runs) widest = std::max(widest, Shortened(run.label).size());
  const Panels panels(canvas, 1, {static_cast<int>(widest)}, kWide);
  const Plot plot = MseRatioPlot(runs);
  constexpr double kFar = 3;  // from here on a logarithmic axis shows more
  const bool far = ratio.high > kFar;
  const std::string commands =
      SigmaAxis(sigma.low, sigma.high) +
      (far ? LogarithmicTics("y") +
                 fmt::format("set yrange [{:.6g}:{:.6g}]\n", ratio.low / 1.2, ratio.high * 1.2)
           : fmt::format("set yrange [0:{:.6g}]\n", std::max(ratio.high, 1.0) * 1.08)) +
      "set ylabel 'MSE over that of Wiener'\n" + panels.Place(0, "error on held-out images") +
      "set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead " + Rgb(kGrey25) +
      " lw 1.2 dt "
      "(7,4) back\n" +
      plot.Command();
  return {Draw(canvas, panels.Whole("errors", commands, plot, {{"compared_levels.csv", data}})),
          "Mean squared error over held-out images as a share of that of the Wiener denoiser "
          "fitted to the run's whole training split, on the same images and noise; bars: one "
          "standard error."};
}

}  // namespace

std::vector<Figure> ComparisonFigures(const RunFolder& run, const Canvas& canvas) {
  const Comparison comparison = ReadComparison(run.Path());
  const std::vector<RunBeside> runs = RunsOf(comparison, run.Path() / "compare.json");
  const Table halves = ComparedHalves(comparison);
  std::vector<Figure> figures;
  for (const auto& make : {SideBySideSheet, SideBySideSpectra})
    if (std::optional<Figure> figure = make(runs, comparison, canvas))
      figures.push_back(std::move(*figure));
  figures.push_back(ControlFigure(runs, halves, canvas));
  figures.push_back(HalvesFigure(runs, halves, canvas));
  figures.push_back(ErrorsFigure(runs, comparison, canvas));
  return figures;
}

}  // namespace denoscope
