#include "denoscope/report/diffuse/diffuse_operator_figures.h"

#include <algorithm>
#include <cmath>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"
#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

using Eigen::Index;

struct Case {  // of noise and regime
  const char *noise, *regime, *words;
};
constexpr Case kCases[] = {{"fresh", "high", "fresh noise, noisy end"},
                           {"fresh", "low", "fresh noise, clean end"},
                           {"accumulated", "high", "accumulated, noisy end"},
                           {"accumulated", "low", "accumulated, clean end"}};

std::vector<double> Taus(const DiffuseRun& run) {
  return NumberRows(run.operators).Distinct("tau");
}

NumberRows RowsOf(const DiffuseRun& run, const Case& of, double tau) {
  return NumberRows(run.operators)
      .Where("noise", std::string(of.noise))
      .Where("regime", std::string(of.regime))
      .Where("tau", tau);
}

std::string ArrayName(const Case& of, double tau) {
  return fmt::format("{}_{}_{}", of.noise, of.regime, tau);
}

// Columns i, j and each operator over its own entry (0,0), rows of an operator in turn.
Table OperatorEntries(const DiffuseRun& run, const NpzReader& arrays) {
  Table table = {{"i", "j"}, {}};
  for (Index i = 0; i < run.rank; ++i)
    for (Index j = 0; j < run.rank; ++j)
      AddRow(table, {static_cast<double>(i), static_cast<double>(j)});
  for (const Case& of : kCases)
    for (const double tau : Taus(run)) {
      const Eigen::MatrixXd P = arrays.Matrix(ArrayName(of, tau));
      table.columns.push_back(ArrayName(of, tau));
      for (Index i = 0; i < run.rank; ++i)
        for (Index j = 0; j < run.rank; ++j)
          table.rows[static_cast<std::size_t>(i * run.rank + j)].push_back(
              NumberText(P(i, j) / P(0, 0)));
    }
  return table;
}

struct PlotGrid {                // pixels
  double width = 0, height = 0;  // of one plot
  double gap_x = 0, gap_y = 0, right = 0;
  std::size_t rows = 0, columns = 0;

  static constexpr double kLeft = 100, kTop = 105;
  double Width() const {
    return kLeft + static_cast<double>(columns) * (width + gap_x) - gap_x + right;
  }
  double Height() const { return kTop + static_cast<double>(rows) * (height + gap_y); }
  std::string Place(std::size_t row, std::size_t column) const {
    const double left = kLeft + static_cast<double>(column) * (width + gap_x);
    const double top = kTop + static_cast<double>(row) * (height + gap_y);
    return fmt::format(
        "set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\nset tmargin at screen "
        "{:.4f}\nset bmargin at screen {:.4f}\n",
        left / Width(),
        (left + width) / Width(),
        1 - top / Height(),
        1 - (top + height) / Height());
  }
};

// sigma at both ends of a window: "σ 2.1–1.6".
std::string Levels(const NumberRows& rows) {
  const double first = rows.At(0, "sigma_first"), last = rows.At(0, "sigma_last");
  return first == last ? "σ " + SigmaText(first)
                       : fmt::format("σ {}–{}", SigmaText(first), SigmaText(last));
}

std::string PointsOf(const Case& of, double tau, const std::string& value) {
  return Chosen(value, {{"noise", 0, of.noise}, {"regime", 0, of.regime}, {"tau", tau, ""}});
}

Plot DiagonalPlot(const DiffuseRun& run, const Case& of, bool titled) {
  const std::vector<double> taus = Taus(run);
  Plot plot;
  for (std::size_t t = 0; t < taus.size(); ++t) {
    const std::string colour = OrderedColour(t, taus.size() + 1);
    const std::string k = PointsOf(of, taus[t], "k");
    for (const auto& [value, style] :
         {std::pair{"\"consecutive\"", "lines lw 1.6"},
          std::pair{"\"aligned\"", "lines lw 1.4 dt (3,4)"},
          std::pair{"\"ratio\":(column(\"diagonal_error\")/column(\"diagonal\")*column(\"ratio\"))",
                    "yerrorbars pt 7 ps 1.1 lw 0.9"}})
      plot.Add(
          fmt::format("'operators.csv' using {}:{} with {} lc rgb '{}'", k, value, style, colour));
    if (titled)
      plot.Add(fmt::format("NaN with points pt 7 ps 1.1 lc rgb '{}'", colour),
               fmt::format("τ = {}", taus[t]));
  }
  if (titled) {
    plot.Add("NaN with lines lw 1.6 " + Rgb(kGrey25), "consecutive");
    plot.Add("NaN with lines lw 1.4 dt (3,4) " + Rgb(kGrey25), "aligned");
  }
  plot.Add("NaN");
  return plot;
}

std::string ModeColour(std::int64_t k, std::int64_t count) {
  return OrderedColour(static_cast<std::size_t>(k), static_cast<std::size_t>(count));
}

double Smallest(const std::vector<double>& values, double floor) {
  double least = 1;
  for (const double value : values)
    if (value > floor) least = std::min(least, value);
  return least;
}

}  // namespace

Figure OperatorsFigure(const DiffuseRun& run, const Canvas& canvas) {
  const std::vector<double> taus = Taus(run);
  const PlotGrid grid = {300, 300, 70, 150, 210, std::size(kCases), taus.size()};
  std::string commands = fmt::format(
      "set datafile columnheaders\nset multiplot\nunset key\nunset grid\n" + DivergingForGnuplot() +
          "set cbrange "
          "[-1:1]\nset "
          "xrange [-0.5:{0}]\nset yrange [{0}:-0.5]\nset border 15\nset xtics 0,{1}\nset ytics "
          "0,{1}\n",
      static_cast<double>(run.rank) - 0.5,
      std::max<std::int64_t>(1, (run.rank - 1) / 3));
  for (std::size_t c = 0; c < std::size(kCases); ++c)
    for (std::size_t t = 0; t < taus.size(); ++t) {
      const NumberRows rows = RowsOf(run, kCases[c], taus[t]);
      commands +=
          grid.Place(c, t) +
          fmt::format(
              "set title \"{}\\nτ = {}, {}\\nP_{{00}} = {:.2g}\" font ',13' offset 0,-0.5\n",
              kCases[c].words,
              taus[t],
              Levels(rows),
              rows.At(0, "diagonal")) +
          (t == 0 ? "set ylabel 'i'\n" : "unset ylabel\n") +
          (c + 1 == std::size(kCases) ? "set xlabel 'j'\n" : "unset xlabel\n") +
          (c == 0 && t + 1 == taus.size()
               ? fmt::format(
                     "set colorbox user origin {:.4f},{:.4f} size {:.4f},{:.4f}\nset cblabel "
                     "'P_{{ij}} / P_{{00}}'\n",
                     1 - 150 / grid.Width(),
                     1 - 370 / grid.Height(),
                     18 / grid.Width(),
                     300 / grid.Height())
               : "unset colorbox\n") +
          fmt::format("plot 'operator_entries.csv' using \"j\":\"i\":\"{}\" with image\n",
                      ArrayName(kCases[c], taus[t]));
    }
  const NpzReader arrays(run.operator_arrays, "operators.npz");
  return {Draw(canvas,
               {"operators",
                grid.Width(),
                grid.Height(),
                commands + "unset multiplot\n",
                {{"operator_entries.csv", OperatorEntries(run, arrays)}}}),
          fmt::format("Partial operators P_tau, the product of the projections on the bases of tau "
                      "consecutive levels, in the basis of the clean data: entry (i,j) is the mean "
                      "of <u_i, P u_j>, over its entry (0,0); {}. Noisy end: from the first "
                      "level at which n samples show mode 0; clean end: the last levels.{}",
                      run.Learning(),
                      canvas.ScaleWords(grid.Width()))};
}

Figure DiagonalsFigure(const DiffuseRun& run, const Canvas& canvas) {
  constexpr double kFloor = 1e-4;
  const Panels panels(canvas, std::size(kCases), {13}, {560, 360});
  const double least =
      std::max(kFloor, 0.5 * Smallest(NumberRows(run.operators).Values("ratio"), kFloor));
  std::string commands = fmt::format(
      "set xrange [-0.4:{}]\nset logscale y\nset format y '10^{{%T}}'\nset yrange [{:.3g}:2]\n"
      "set ylabel 'P_{{kk}} / P_{{00}}'\nset xlabel 'mode k'\n",
      static_cast<double>(run.rank) - 0.6,
      least);
  Plot plot;
  for (std::size_t c = 0; c < std::size(kCases); ++c) {
    plot = DiagonalPlot(run, kCases[c], c + 1 == std::size(kCases));
    commands += panels.Place(c, kCases[c].words) + plot.Command();
  }
  return {
      Draw(canvas, panels.Whole("diagonals", commands, plot, {{"operators.csv", run.operators}})),
      fmt::format("Diagonal of the partial operators (points, bars: one standard error over "
                  "trials) beside two forms of (c_i/c_0)^tau: products of the overlaps of "
                  "consecutive bases (solid), and of the alignments cos^2 with u_k level by "
                  "level (dotted); {}. Below {:.0e} not drawn.",
                  run.Learning(),
                  least)};
}

Figure BasesFigure(const DiffuseRun& run, const Canvas& canvas) {
  const NumberRows all(run.bases);
  const std::vector<double> sigmas = all.Distinct("sigma");
  const Panels panels(canvas, 2, {6});
  std::string commands = SigmaAxis(sigmas.back(), sigmas.front()) +
                         "set ylabel 'cos² of u_{t,k} and u_k'\nset yrange [0:1.03]\n";
  Plot plot;
  for (const std::string noise : {"fresh", "accumulated"}) {
    plot = Plot();
    for (std::int64_t k = 0; k < run.rank; ++k)
      plot.Add(
          fmt::format("'bases.csv' using {}:\"alignment\" with lines lw 1.6 lc rgb '{}'",
                      Chosen("sigma", {{"noise", 0, noise}, {"k", static_cast<double>(k), ""}}),
                      ModeColour(k, run.rank)),
          noise == "fresh" ? "" : fmt::format("k = {}", k));
    plot.Add("NaN");
    commands += panels.Place(noise == "fresh" ? 0 : 1, noise + " noise, " + run.Learning()) +
                plot.Command();
  }
  return {Draw(canvas, panels.Whole("bases", commands, plot, {{"bases.csv", run.bases}})),
          "Mean alignment of the learned vectors with those of the clean data, by noise level "
          "(dark = most variance); largest standard error " +
              fmt::format("{:.2g}.", [&] {
                double most = 0;
                for (const double e : all.Values("alignment_error"))
                  if (std::isfinite(e)) most = std::max(most, e);
                return most;
              }())};
}

Figure AssumptionFigure(const DiffuseRun& run, const Canvas& canvas) {
  const std::vector<double> sigmas = NumberRows(run.assumption).Distinct("sigma");
  Plot plot;
  for (const auto& [noise, process] :
       {std::pair{"fresh", "learned-fresh"}, std::pair{"accumulated", "learned-accumulated"}})
    plot.Add(fmt::format("'assumption.csv' using {}:\"off_diagonal\":\"off_diagonal_error\" with "
                         "yerrorlines pt 7 ps 0.7 lw 1.3 {}",
                         Chosen("sigma", {{"noise", 0, noise}}),
                         StyleOf(process).line),
             std::string(noise) + " noise");
  plot.Add("NaN with lines dt (4,4) lw 1 " + Rgb(kGrey38), "chance, 1 − 1/r");
  const Panels panels = OnePanel(canvas, 20, {980, 650});
  const std::string commands =
      SigmaAxis(sigmas.back(), sigmas.front()) +
      "set yrange [0:1.03]\nset ylabel 'off the diagonal of |U_t^T U_{t+1}|²'\n" +
      panels.Place(0, "") + panels.Inside("top left") +
      fmt::format(
          "set arrow 1 from graph 0, first {0:.4f} to graph 1, first {0:.4f} nohead dt (4,4) "
          "lw 1 " +
              Rgb(kGrey38) + "\n",
          1 - 1 / static_cast<double>(run.rank)) +
      plot.Command();
  return {Draw(canvas,
               panels.Whole("assumption", commands, plot, {{"assumption.csv", run.assumption}})),
          fmt::format("Assumption 4.2 of arXiv 2410.14730, that U_t^T U_{{t+1}} is diagonal, "
                      "measured: the share of its energy that is not; 0 if it holds. {}; bars: one "
                      "standard error.",
                      run.Learning())};
}

}  // namespace denoscope
