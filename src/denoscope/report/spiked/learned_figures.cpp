#include "denoscope/report/spiked/learned_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/spiked/spiked_words.h"
#include "denoscope/results/spiked_columns.h"

namespace denoscope {
namespace {

// Few of many modes, denser at the start: points that do not overlap on a logarithmic axis.
bool IsShown(double k) {
  for (double at = 0; at <= k; at = std::max(at + 1, std::round(1.3 * at)))
    if (at == k) return true;
  return false;
}

Table GainsTable(const NumberRows& rows) {
  Table table = {{"n", "sigma", "place", "gain", "gain_error", "gain_theory", "gain_naive"}, {}};
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    const double k = rows.At(i, "k");
    std::vector<std::string> row = {rows.Text(i, "n"), rows.Text(i, "sigma"), NumberText(k + 1)};
    for (const char* column : {"gain", "gain_error"})
      row.push_back(IsShown(k) ? rows.Text(i, column) : "nan");
    for (const char* column : {"gain_theory", "gain_naive"}) row.push_back(rows.Text(i, column));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Plot GainPlot(double n, const std::vector<double>& sigmas) {
  Plot plot, points;
  for (std::size_t i = 0; i < sigmas.size(); ++i) {
    const std::string x = Chosen("place", {{"n", n, ""}, {"sigma", sigmas[i], ""}});
    const std::string colour = OrderedColour(i, sigmas.size());
    plot.Add(fmt::format(
        "'learned_gains.csv' using {}:\"gain_naive\" with lines lc rgb '{}' dt (7,4) lw 0.9",
        x,
        colour));
    plot.Add(fmt::format(
        "'learned_gains.csv' using {}:\"gain_theory\" with lines lc rgb '{}' lw 1.4", x, colour));
    points.Add(
        fmt::format("'learned_gains.csv' using {}:\"gain\":\"gain_error\" with yerrorbars pt 7 "
                    "ps 1 lw 0.9 lc rgb '{}'",
                    x,
                    colour));
    points.Add(fmt::format("NaN with points pt 7 ps 1.3 lc rgb '{}'", colour),
               fmt::format("σ = {:.3g}", sigmas[i]));
  }
  plot.Add(points);
  plot.Add("NaN with lines " + Rgb(kGrey25) + " lw 1.4", "theory (κ)");
  plot.Add("NaN with lines " + Rgb(kGrey25) + " dt (7,4) lw 0.9", "λ/(λ+σ²)");
  return plot;
}

// Shares of the least possible error; infinite ones are left out.
Table ErrorsTable(const NumberRows& rows) {
  Table table = {{"method", "n", "sigma"}, {}};
  const std::vector<std::string> columns = {
      "mse", "mse_error", "mse_theory", "belief", "belief_error", "belief_theory"};
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    std::vector<std::string> row = {
        rows.Text(i, "method"), rows.Text(i, "n"), rows.Text(i, "sigma")};
    for (const std::string& column : columns) {
      const double share = rows.At(i, column) / rows.At(i, "mmse");
      row.push_back(std::isfinite(share) ? NumberText(share) : "nan");
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

bool HasMean(const NumberRows& rows, std::size_t i) {
  return std::isfinite(rows.At(i, "mse_theory"));
}

// Of all errors that have a mean.
std::string RangeOfErrors(const NumberRows& rows) {
  double low = 1, high = 1;
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    if (!HasMean(rows, i)) continue;
    low = std::min(low, rows.At(i, "belief") / rows.At(i, "mmse"));
    high = std::max(high, rows.At(i, "mse") / rows.At(i, "mmse"));
  }
  return fmt::format("set yrange [{:.6g}:{:.6g}]\n", low / 1.15, high * 1.3);
}

// What the panel of n says of errors without a mean, which lie beyond its axis.
std::string BeyondTheAxis(const NumberRows& all, double n) {
  const NumberRows rows = all.Where("n", n).Where("method", "regression");
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    if (HasMean(rows, i)) continue;
    low = std::min(low, rows.At(i, "mse") / rows.At(i, "mmse"));
    high = std::max(high, rows.At(i, "mse") / rows.At(i, "mmse"));
  }
  if (high == 0) return "unset label 1\n";
  return fmt::format(
      "set label 1 \"regression: no mean error here,\\nin this run {:.0f} to {:.0f} times the "
      "least\" "
      "at graph 0.98, graph 0.95 right font ',15' tc rgb '{}'\n",
      low,
      high,
      kLinearColour);
}

Plot ErrorPlot(double n) {
  Plot plot, points;
  for (const auto& [method, colour] :
       {std::pair{"plug-in", kDeepColour}, std::pair{"regression", kLinearColour}})
    for (const auto& [quantity, dash, point, words] :
         {std::tuple{"mse", "lw 1.4", 7, "error"},
          std::tuple{"belief", "dt (7,4) lw 1.2", 6, "error it expects"}}) {
      const std::string x = Chosen("sigma", {{"n", n, ""}, {"method", 0, method}});
      plot.Add(fmt::format("'learned_error.csv' using {}:\"{}_theory\" with lines lc rgb '{}' {}",
                           x,
                           quantity,
                           colour,
                           dash));
      points.Add(
          fmt::format("'learned_error.csv' using {0}:\"{1}\":\"{1}_error\" with yerrorbars pt "
                      "{2} ps 1.1 lw 0.9 lc rgb '{3}'",
                      x,
                      quantity,
                      point,
                      colour));
      points.Add(
          fmt::format("NaN with linespoints pt {} ps 1.2 lc rgb '{}' {}", point, colour, dash),
          fmt::format("{}: {}", method, words));
    }
  plot.Add(points);
  plot.Add("1 with lines " + Rgb(kGrey38) + " lw 0.6", "least possible error");
  return plot;
}

}  // namespace

Figure LearnedGainsFigure(const RunFolder& run, const Canvas& canvas) {
  const Table all = run.ReadTable(kSpikedGains);
  const Table learning = run.ReadTable(kSpikedLearning);
  const NumberRows rows = NumberRows(all).Where("method", "plug-in");
  const std::vector<double> samples = AtMostThree(rows.Distinct("n"));
  const std::vector<double> sigmas = AtMostThree(rows.Distinct("sigma"));
  const Panels panels(canvas, samples.size(), {12});
  std::string commands =
      LogarithmicTics("x") +
      fmt::format("set xrange [0.9:{}]\n", 1.1 * (rows.Distinct("k").back() + 1)) +
      "set xlabel 'mode k + 1'\nset yrange [-0.02:1.02]\nset ytics 0.2\n"
      "set ylabel 'mean gain u_kᵀ J u_k'\n";
  Plot plot;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    plot = GainPlot(samples[i], sigmas);
    commands += panels.Place(i, SampleTitle(rows, samples[i])) + plot.Command();
  }
  return {
      Draw(
          canvas,
          panels.Whole("learned_gains", commands, plot, {{"learned_gains.csv", GainsTable(rows)}})),
      fmt::format("Mean gain by mode of the Wiener denoiser of n clean samples, d = {}, {}: less "
                  "than that of the true covariance (dashed), for sampling acts as the noise kappa "
                  "> sigma^2 (lines). Points with standard errors, smaller than the points.",
                  rows.At(0, "d"),
                  TrialsText(NumberRows(learning)))};
}

Figure LearnedErrorFigure(const RunFolder& run, const Canvas& canvas) {
  const Table table = run.ReadTable(kSpikedLearning);
  const NumberRows rows(table);
  const std::vector<double> samples = AtMostThree(rows.Distinct("n"));
  const std::vector<double> sigmas = rows.Distinct("sigma");
  const Panels panels(canvas, samples.size(), {26});
  std::string commands =
      LogarithmicTics("x") + LogarithmicTics("y") +
      fmt::format("set xrange [{:.6g}:{:.6g}]\n", sigmas.front() / 1.15, sigmas.back() * 1.15) +
      RangeOfErrors(rows) +
      "set xlabel 'noise level σ'\nset ylabel 'share of the least possible error'\n";
  Plot plot;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    plot = ErrorPlot(samples[i]);
    commands += panels.Place(i, SampleTitle(rows, samples[i])) + BeyondTheAxis(rows, samples[i]) +
                plot.Command();
  }
  return {
      Draw(canvas,
           panels.Whole(
               "learned_error", commands, plot, {{"learned_error.csv", ErrorsTable(rows)}})),
      fmt::format("Mean squared error of two learned denoisers on fresh samples, and the error "
                  "sigma^2 tr J that they expect of themselves, as shares of the Wiener "
                  "denoiser's, d = {}, {}: the plug-in of n clean samples, and the regression on "
                  "n fixed pairs of clean and noisy. Points: simulation with standard errors; "
                  "lines: theory. Within one sample of n - 1 = d regression has no mean error: no "
                  "line, and its points are an accident of the seed.",
                  rows.At(0, "d"),
                  TrialsText(rows))};
}

}  // namespace denoscope
