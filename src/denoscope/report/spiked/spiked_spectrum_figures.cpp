#include "denoscope/report/spiked/spiked_spectrum_figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/spiked/spiked_words.h"
#include "denoscope/results/spiked_columns.h"

namespace denoscope {
namespace {

constexpr const char* kSimulatedColour = kBlack;

double MeanOf(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double MostTellingSigma(const NumberRows& rows) {
  double best = 0, distance = 2;
  for (const double sigma : rows.Distinct("sigma"))
    if (const double d = std::abs(MeanOf(rows.Where("sigma", sigma).Values("cos2")) - 0.5);
        d < distance) {
      best = sigma;
      distance = d;
    }
  return best;
}

// Lines of the three theories over k, then the points of the simulation, a column with its error
// bars.
Plot TheoriesByMode(const std::string& data,
                    const std::string& quantity,
                    const std::vector<Condition>& conditions,
                    const std::string& simulated) {
  Plot plot;
  const std::string k = Chosen("k", conditions);
  for (const auto& [theory, style, words] :
       {std::tuple{"spiked", "dt (7,4) lw 1.2 " + Rgb(kGrey50), "spiked, each mode alone"},
        std::tuple{"anisotropic", "lw 1.3 " + Rgb(kVermillion), "anisotropic"},
        std::tuple{"mixed", "lw 1.6 " + Rgb(kBlue), "anisotropic with mixing"}})
    plot.Add(fmt::format("'{}' using {}:\"{}_{}\" with lines {}", data, k, quantity, theory, style),
             words);
  plot.Add(fmt::format("'{}' using {}:{} with yerrorbars pt 7 ps 1.1 lw 0.9 lc rgb '{}'",
                       data,
                       k,
                       simulated,
                       kSimulatedColour));
  plot.Add(fmt::format("NaN with points pt 7 ps 1.3 lc rgb '{}'", kSimulatedColour), "simulated");
  return plot;
}

std::string KAxis(const NumberRows& rows) {
  const std::vector<double> k = rows.Distinct("k");
  return fmt::format("set xrange [-0.5:{}]\nset xtics {}\nset xlabel 'mode k'\n",
                     k.back() + 0.5,
                     k.back() <= 10 ? 1 : std::ceil(k.back() / 30) * 5);
}

// A logarithmic y axis over the noise levels of the run.
std::string SigmaRange(const RunFolder& run) {
  const Table table = run.ReadTable(kSpikedModes);
  const std::vector<double> sigmas = NumberRows(table).Distinct("sigma");
  return LogarithmicTics("y") +
         fmt::format("set yrange [{:.6g}:{:.6g}]\n", sigmas.front() / 1.1, sigmas.back() * 1.1);
}

}  // namespace

Figure CrowdedModesFigure(const RunFolder& run, const Canvas& canvas) {
  const Table table = run.ReadTable(kSpikedModes);
  const NumberRows rows(table);
  const std::vector<double> samples = AtMostThree(rows.Distinct("n"));
  const Panels panels(canvas, samples.size(), {24});
  std::string commands = KAxis(rows) +
                         "set yrange [-0.02:1.02]\nset ytics 0.2\n"
                         "set ylabel 'alignment cos² = ⟨û_k, u_k⟩²'\n";
  Plot plot;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double sigma = MostTellingSigma(rows.Where("n", samples[i]));
    plot = TheoriesByMode("modes.csv",
                          "cos2",
                          {{"n", samples[i], ""}, {"sigma", sigma, ""}},
                          "\"cos2\":\"cos2_error\"");
    commands +=
        panels.Place(i, SampleTitle(rows, samples[i]) + fmt::format(", σ = {:.3g}", sigma)) +
        plot.Command();
  }
  return {
      Draw(canvas, panels.Whole("crowded_modes", commands, plot, {{"modes.csv", table}})),
      fmt::format("Alignment of each principal component of n noisy samples with its true "
                  "direction when the spectrum is crowded, d = {}, at the noise level where the "
                  "mean over modes is nearest to 1/2. Points: mean over {}, with standard errors; "
                  "lines: three theories.",
                  rows.At(0, "d"),
                  TrialsText(rows))};
}

Figure AligningFigure(const RunFolder& run, const Canvas& canvas) {
  const Table table = run.ReadTable(kSpikedAligning);
  const NumberRows rows(table);
  const std::vector<double> samples = AtMostThree(rows.Distinct("n"));
  const Panels panels(canvas, samples.size(), {24});
  std::string commands =
      KAxis(rows) + SigmaRange(run) + "set ylabel 'noise level σ where cos² = ½'\n";
  Plot plot;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    plot = TheoriesByMode("aligning.csv",
                          "sigma_aligning",
                          {{"n", samples[i], ""}},
                          "\"sigma_aligning\":\"sigma_aligning_low\":\"sigma_aligning_high\"");
    commands += panels.Place(i, SampleTitle(rows, samples[i])) + plot.Command();
  }
  return {
      Draw(canvas, panels.Whole("aligning", commands, plot, {{"aligning.csv", table}})),
      fmt::format("The noise level at which the alignment cos^2 of each mode falls to 1/2, d = {}: "
                  "large eigenvalues align in more noise. Points: from the mean over trials, read "
                  "by interpolation between the noise levels of the run, bars one standard error "
                  "of that mean; modes outside the range have no point. Lines: three theories; a "
                  "gap means that a theory never sees the mode half aligned.",
                  rows.At(0, "d"))};
}

}  // namespace denoscope
