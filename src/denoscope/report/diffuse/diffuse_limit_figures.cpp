#include "denoscope/report/diffuse/diffuse_limit_figures.h"

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"

namespace denoscope {
namespace {

constexpr PanelSize kPanel = {980, 650};
const std::string kTwoPercent = "0.02 with lines dt (4,4) lw 1 " + Rgb(kGrey38);

}  // namespace

Figure PowerFigure(const DiffuseRun& run, const Canvas& canvas) {
  Plot plot;
  plot.Add("x with lines lw 4 " + Rgb(kGrey85), "first order: at most Σ λ_0/σ_i²");
  plot.Add(kTwoPercent, "2 %");
  const std::vector<std::string> schedules = run.Schedules();
  for (std::size_t i = 0; i < schedules.size(); ++i)
    plot.Add(
        fmt::format("'power.csv' using {}:\"gap\" with linespoints pt 7 ps 0.7 lw 1.5 lc rgb '{}'",
                    Chosen("ratio_sum", {{"schedule", 0, schedules[i]}}),
                    OrderedColour(i, schedules.size() + 1)),
        schedules[i]);
  plot.Add("NaN");
  const Panels panels = OnePanel(canvas, 36, kPanel);
  const std::string commands =
      "set logscale xy\nset format xy '10^{%T}'\nset xrange "
      "[*:100]\nset yrange [*:100]\nset xlabel 'Σ λ_0/σ_i² up to a step'\nset ylabel 'largest "
      "relative difference of mode ratios'\n" +
      panels.Place(0, "") + panels.Inside("top left") + plot.Command();
  return {Draw(canvas, panels.Whole("power", commands, plot, {{"power.csv", run.power}})),
          fmt::format("Repeated Wiener denoising against power iteration on Sigma: the largest "
                      "difference of the ratios of modes 1 to {} to mode 0, step by step, against "
                      "the sum that bounds it to first order.",
                      run.modes - 1)};
}

Figure DdimFigure(const DiffuseRun& run, const Canvas& canvas) {
  const NumberRows rows = NumberRows(run.ddim).Where("schedule", std::string("geometric"));
  const double guide =
      rows.At(rows.Count() - 1, "variance_error") * rows.At(rows.Count() - 1, "levels") * 0.5;
  Plot plot;
  plot.Add(fmt::format("{:.6g}/x with lines lw 4 " + Rgb(kGrey85), guide), "first order");
  plot.Add(kTwoPercent, "2 %");
  const std::vector<std::string> schedules = {"karras", "geometric", "constant"};
  for (std::size_t i = 0; i < schedules.size(); ++i)
    plot.Add(fmt::format("'ddim.csv' using {}:\"variance_error\" with linespoints pt 7 ps 1.1 lw "
                         "1.6 lc rgb '{}'",
                         Chosen("levels", {{"schedule", 0, schedules[i]}}),
                         OrderedColour(i, schedules.size() + 1)),
             schedules[i]);
  plot.Add("NaN");
  const Panels panels = OnePanel(canvas, 12, kPanel);
  const std::string commands =
      "set logscale xy\nset format x '%g'\nset format y '%g'\nset "
      "xtics (25, 50, 100, 200, 400, 800, 1600)\nset xrange [20:2000]\nset xlabel 'noise "
      "levels'\nset ylabel 'largest relative error of a variance'\n" +
      panels.Place(0, "") + panels.Inside("bottom left") + plot.Command();
  return {Draw(canvas, panels.Whole("ddim", commands, plot, {{"ddim.csv", run.ddim}})),
          "Variance of each mode after DDIM's Euler steps against the exact flow's, the worst of "
          "all modes, from N(m, Sigma + sigma^2) and the same noisiest level. Karras and geometric "
          "schedules end at the same cleanest level; the constant one goes on to cleaner levels as "
          "their number grows, its last step always from s to s/sqrt 2, and does not converge."};
}

}  // namespace denoscope
