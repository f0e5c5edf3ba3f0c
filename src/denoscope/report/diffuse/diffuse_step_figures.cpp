#include "denoscope/report/diffuse/diffuse_step_figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/tiles.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

constexpr int kKeyColumns = 17;
constexpr PanelSize kTwoAxes = {540, 550, 125};
constexpr double kLeastRatio = 1e-9;  // of an amplitude: what lies below is not drawn

std::string Of(const std::string& schedule, const std::string& process, const std::string& value) {
  return Chosen(value, {{"schedule", 0, schedule}, {"process", 0, process}});
}

// Steps below, the noise levels of some of them above.
std::string StepAxis(const NumberRows& rows) {
  const std::size_t last = rows.Count() - 1;
  std::string places;
  for (const std::size_t i : EvenChoice(rows.Count(), 6))
    places += fmt::format("{}'{}' {}",
                          places.empty() ? "" : ", ",
                          (i == 0 ? "σ = " : "") + SigmaText(rows.At(i, "sigma")),
                          rows.At(i, "step"));
  return fmt::format(
      "set xrange [0:{0}]\nset x2range [0:{0}]\nset xlabel 'step'\nset x2tics ({1}) font ',12' "
      "offset 0,-0.4\nset title offset 0,0.3\n",
      last,
      places);
}

// A curve of each process, of learned ones with their standard errors where there is such a column.
Plot Curves(const DiffuseRun& run,
            const std::string& schedule,
            const std::string& value,
            const std::string& error,
            bool learned) {
  Plot plot;
  for (const ProcessStyle& style : ProcessStyles()) {
    if (style.learned != learned) continue;
    const std::string x = Of(schedule, style.name, "step"), y = Of(schedule, style.name, value);
    if (learned && !error.empty() && run.trials > 1)
      plot.Add(fmt::format(
          "'steps.csv' using {0}:({1}-column(\"{2}\")):({1}+column(\"{2}\")) with filledcurves "
          "fs transparent solid 0.2 noborder {3}",
          x,
          y,
          error,
          style.line.substr(0, style.line.find(" dt"))));
    plot.Add(fmt::format("'steps.csv' using {}:{} with lines lw 1.7 {}", x, y, style.line));
  }
  return plot;
}

void AddKeys(bool learned, Plot& plot) {
  for (const ProcessStyle& style : ProcessStyles())
    if (style.learned == learned) plot.Add("NaN with lines lw 3 " + style.line, Plain(style.label));
}

// Of two panels, processes of the known spectrum and learned ones, the second has the key of both.
void EndGroup(bool learned, Plot& plot) {
  if (learned) AddKeys(false, plot);
  if (learned) AddKeys(true, plot);
  plot.Add("NaN");
}

std::string GroupTitle(const DiffuseRun& run, bool learned) {
  return learned ? "learned, " + run.Learning() : "known spectrum, " + run.Title();
}

struct Measure {             // of states by step
  std::string name, axis;    // of the figure, and commands for its axis
  std::string value, error;  // columns; without errors empty
  Plot guide = {};           // behind the curves
};

Drawing TwoGroups(const DiffuseRun& run, const Canvas& canvas, const Measure& measure) {
  const Panels panels(canvas, 2, {kKeyColumns}, kTwoAxes);
  std::string commands = StepAxis(run.Steps("wiener")) + measure.axis;
  Plot plot;
  for (const bool learned : {false, true}) {
    plot = measure.guide;
    plot.Add(Curves(run, run.schedule, measure.value, measure.error, learned));
    EndGroup(learned, plot);
    commands += panels.Place(learned ? 1 : 0, GroupTitle(run, learned)) + plot.Command();
  }
  return panels.Whole(measure.name, commands, plot, {{"steps.csv", run.steps}});
}

std::string Starts(const DiffuseRun& run) {
  return fmt::format("{} starts {}",
                     run.starts,
                     run.start == "matched" ? "drawn as noisy data, N(m, Sigma + sigma^2)"
                                            : "of noise alone, centred on black");
}

// Variances of each process, and of the data, over their sum.
Table VarianceShares(const DiffuseRun& run) {
  Table table = {{"process", "k", "share"}, {}};
  const NumberRows all(run.spectra);
  const auto add = [&](const std::string& process, const std::vector<double>& variances) {
    const double sum = std::accumulate(variances.begin(), variances.end(), 0.0);
    for (std::size_t k = 0; k < variances.size(); ++k)
      AddRow(table, {process}, {static_cast<double>(k), variances[k] / sum});
  };
  for (const ProcessStyle& style : ProcessStyles())
    add(style.name, all.Where("process", style.name).Values("output"));
  add("data", all.Where("process", std::string("flow")).Values("lambda"));
  return table;
}

std::string ShareCurve(const std::string& process, const std::string& style) {
  return fmt::format("'shares.csv' using ({} + 1):\"share\" with lines {}",
                     Chosen("k", {{"process", 0, process}}),
                     style);
}

}  // namespace

Figure CosineFigure(const DiffuseRun& run, const Canvas& canvas) {
  return {
      Draw(canvas,
           TwoGroups(run,
                     canvas,
                     {"cosine",
                      "set ylabel 'mean |cos| of state and u_0'\nset yrange [0:1.03]\n",
                      "cosine",
                      "cosine_error"})),
      fmt::format("Collapse onto the leading principal component by step, noise levels above; {}. "
                  "Bands: one standard error over trials. A process that keeps the data's "
                  "distribution stays at the exact flow's curve.",
                  Starts(run))};
}

Figure RatiosFigure(const DiffuseRun& run, const Canvas& canvas) {
  const std::int64_t k = run.modes - 1;
  const std::string axis = fmt::format(
      "set ylabel 'amplitude of mode {0} beside mode 0'\nset logscale y\nset format y "
      "'10^{{%T}}'\nset yrange [{1}:3]\n",
      k,
      kLeastRatio);
  return {Draw(canvas, TwoGroups(run, canvas, {"ratios", axis, fmt::format("ratio_{}", k), ""})),
          fmt::format("Root of E c_k^2 / E c_0^2 for k = {}, over starts{}; below {} not drawn. "
                      "Power iteration and repeated Wiener denoising agree while sigma^2 is far "
                      "above lambda_0.",
                      k,
                      run.trials > 1 ? " and trials" : "",
                      kLeastRatio)};
}

Figure DiversityFigure(const DiffuseRun& run, const Canvas& canvas) {
  Measure measure = {"diversity",
                     "set ylabel 'participation ratio of the states'\nset logscale y\nset format y "
                     "'%g'\nset yrange [0.9:*]\n",
                     "diversity",
                     ""};
  measure.guide.Add(fmt::format("'steps.csv' using {}:{} with lines lw 5 " + Rgb(kGrey85),
                                Of(run.schedule, "wiener", "step"),
                                Of(run.schedule, "wiener", "diversity_expected")));
  return {Draw(canvas, TwoGroups(run, canvas, measure)),
          fmt::format("How many directions the states fill evenly, (tr C)^2 / tr C^2 of their "
                      "covariance; 1: all on one line. Gray: {} draws of noisy data of that level.",
                      run.starts)};
}

Figure SchedulesFigure(const DiffuseRun& run, const Canvas& canvas) {
  const std::vector<std::string> schedules = run.Schedules();
  const Panels panels(canvas, schedules.size(), {kKeyColumns}, kTwoAxes);
  std::string commands = "set ylabel 'mean |cos| of state and u_0'\nset yrange [0:1.03]\n";
  Plot plot;
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    plot = Curves(run, schedules[i], "cosine", "", false);
    if (i + 1 == schedules.size()) AddKeys(false, plot);
    plot.Add("NaN");
    commands += StepAxis(NumberRows(run.steps)
                             .Where("schedule", schedules[i])
                             .Where("process", std::string("wiener"))) +
                panels.Place(i, schedules[i] + " schedule") + plot.Command();
  }
  return {Draw(canvas, panels.Whole("schedules", commands, plot, {{"steps.csv", run.steps}})),
          "Collapse of the processes that need no learning on each schedule between the same "
          "noisiest and cleanest level, which stand above; the constant one, x_t = x_{t-1} + noise "
          "of one variance, ends at its largest level over sqrt(levels)."};
}

Figure OutputSpectraFigure(const DiffuseRun& run, const Canvas& canvas) {
  const Panels panels(canvas, 2, {kKeyColumns});
  std::string commands = fmt::format(
      "set logscale xy\nset format x '%g'\nset format y '10^{{%T}}'\n"
      "set xrange [1:{}]\nset yrange [1e-9:2]\nset xlabel "
      "'k + 1'\nset ylabel 'share of the variance in mode k'\n",
      run.Size());
  Plot plot;
  for (const bool learned : {false, true}) {
    plot = Plot();
    plot.Add(ShareCurve("data", "lw 6 " + Rgb(kGrey85)), "data, λ_k");
    for (const ProcessStyle& style : ProcessStyles())
      if (style.learned == learned) plot.Add(ShareCurve(style.name, "lw 1.5 " + style.line));
    EndGroup(learned, plot);
    commands += panels.Place(learned ? 1 : 0, GroupTitle(run, learned)) + plot.Command();
  }
  return {
      Draw(canvas, panels.Whole("spectra", commands, plot, {{"shares.csv", VarianceShares(run)}})),
      fmt::format("Variance E c_k^2 of each mode after the last step, as a share of all, over "
                  "{} starts{}; gray: lambda_k of the data. A collapsed process has all in "
                  "mode 0.",
                  run.starts,
                  run.trials > 1 ? " and, if learned, over trials" : "")};
}

Figure CollapseFigure(const DiffuseRun& run, const Canvas& canvas) {
  constexpr double kTop = 6, kBottom = -1.6;  // bars beyond are cut, their total written
  Table table = {{"place", "total", "start", "discretisation", "shrinkage", "misalignment"}, {}};
  std::string names, totals;
  const NumberRows rows = NumberRows(run.collapse).Where("schedule", run.schedule);
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    std::vector<double> numbers = {static_cast<double>(i)};
    double top = 0;
    for (std::size_t c = 1; c < table.columns.size(); ++c) {
      numbers.push_back(rows.At(i, table.columns[c]));
      top = std::max(top, numbers.back());
    }
    AddRow(table, numbers);
    names += fmt::format(
        "{}{} {}", i == 0 ? "" : ", ", Quoted(StyleOf(rows.Text(i, "process")).label), i);
    totals +=
        fmt::format("set label '{}' at {},{:.3f} {} font ',14' front\n",
                    numbers[1] < 10 ? TileNumber(numbers[1], 2) : fmt::format("{:.0f}", numbers[1]),
                    i,
                    std::min(top, kTop) + (canvas.OnPaper() ? 0.1 : 0.3),
                    canvas.OnPaper() ? "rotate by 90 left" : "center");
  }
  const char* colours[] = {kGrey50, kBlue, kVermillion, kGreen};
  Plot plot;
  for (std::size_t part = 0; part < 4; ++part)
    plot.Add(
        fmt::format("'collapse.csv' using (column(\"place\")+{0:.2f}):(column(\"{1}\")<{3}?column("
                    "\"{1}\"):{3}):(0.19) with boxes fs solid 0.85 noborder lc rgb '{2}'",
                    -0.3 + 0.2 * static_cast<double>(part),
                    table.columns[part + 2],
                    colours[part],
                    kTop),
        table.columns[part + 2]);
  plot.Add(fmt::format("{} with lines dt (4,4) lw 1 " + Rgb(kGrey38), std::log(2.0)),
           "half, log 2");
  const Panels panels = OnePanel(canvas, 15, {1350, 600, 30, 190});
  const std::string commands = fmt::format(
      "set xrange [-0.6:{}]\nset yrange [{}:{}]\nset xtics ({}) rotate "
      "by 40 right\nset xzeroaxis lw 0.7 " +
          Rgb(kGrey25) +
          "\nset ylabel "
          "'log loss beside mode 0'\n{}{}{}",
      static_cast<double>(rows.Count()) - 0.4,
      kBottom,
      kTop + (canvas.OnPaper() ? 1.8 : 0.8),
      names,
      panels.Place(0, "") + panels.Inside("top right"),
      totals,
      plot.Command());
  return {Draw(canvas, panels.Whole("collapse", commands, plot, {{"collapse.csv", table}})),
          fmt::format("How much smaller modes 1 to {} have become beside mode 0 than the data have "
                      "them, mean logarithm, in parts that add up to the total (number). Above the "
                      "dashed line a process has collapsed; parts below 0 oppose it. Bars are cut "
                      "at {}.",
                      run.modes - 1,
                      kTop)};
}

}  // namespace denoscope
