#include "denoscope/report/spiked/spiked_figures.h"

#include <algorithm>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/spiked/learned_figures.h"
#include "denoscope/report/spiked/spiked_spectrum_figures.h"
#include "denoscope/report/spiked/spiked_words.h"
#include "denoscope/results/spiked_columns.h"

namespace denoscope {
namespace {

constexpr double kTallest = 5;  // of the bulk's axis, in medians of its bins
const std::string kThresholdLine = "NaN with lines " + Rgb(kGrey38) + " lw 0.6 dt 3";

std::string StrengthAxis(const NumberRows& rows) {
  const std::vector<double> s = rows.Distinct("strength_in_thresholds");
  return LogarithmicTics("x") +
         fmt::format(
             "set xrange [{:.6g}:{:.6g}]\nset xlabel 'strength t / threshold √γ'\n"
             "set arrow 1 from first 1, graph 0 to first 1, graph 1 nohead " +
                 Rgb(kGrey38) + " lw 0.6 dt 3 back\n",
             s.front() / 1.12,
             s.back() * 1.12);
}

// A logarithmic y axis around all of `values`.
std::string LogarithmicAround(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return LogarithmicTics("y") +
         fmt::format("set yrange [{:.6g}:{:.6g}]\n", *low / 1.2, *high * 1.2);
}

// The smallest and the largest dimension.
std::vector<double> Dimensions(const NumberRows& rows) {
  std::vector<double> d = rows.Distinct("d");
  if (d.size() > 2) d = {d.front(), d.back()};
  return d;
}

struct StrengthCurves {
  std::string quantity, label, settings;  // column, axis, further commands
};

// Lines of the theory, then points of the simulation, a colour each n/d.
Plot StrengthPlot(const NumberRows& rows, double d, const std::string& quantity) {
  const std::vector<double> samples = rows.Where("d", d).Distinct("n");
  Plot plot, points;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::string x = Chosen("strength_in_thresholds", {{"d", d, ""}, {"n", samples[i], ""}});
    const std::string colour = OrderedColour(i, samples.size());
    plot.Add(fmt::format(
        "'spikes_theory.csv' using {}:\"{}\" with lines lc rgb '{}' lw 1.2", x, quantity, colour));
    points.Add(
        fmt::format("'spikes.csv' using {0}:\"{1}\":\"{1}_error\" with yerrorbars pt 7 ps 1.1 lw "
                    "0.9 lc rgb '{2}'",
                    x,
                    quantity,
                    colour));
    points.Add(fmt::format("NaN with points pt 7 ps 1.3 lc rgb '{}'", colour),
               fmt::format("n/d = {:.3g}", samples[i] / d));
  }
  plot.Add(points);
  plot.Add("NaN with lines " + Rgb(kGrey25) + " lw 1.2", "theory");
  plot.Add(kThresholdLine, "threshold");
  return plot;
}

Figure StrengthFigure(const std::string& name,
                      const Table& spikes,
                      const Table& theory,
                      const StrengthCurves& curves,
                      const Canvas& canvas) {
  const NumberRows rows(spikes);
  const std::vector<double> dimensions = Dimensions(rows);
  const Panels panels(canvas, dimensions.size(), {12});
  std::string commands =
      StrengthAxis(rows) + fmt::format("set ylabel '{}'\n", curves.label) + curves.settings;
  Plot plot;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    plot = StrengthPlot(rows, dimensions[i], curves.quantity);
    commands += panels.Place(i, fmt::format("d = {}, {}", dimensions[i], TrialsText(rows))) +
                plot.Command();
  }
  return {Draw(canvas,
               panels.Whole(
                   name, commands, plot, {{"spikes.csv", spikes}, {"spikes_theory.csv", theory}})),
          ""};
}

Figure AlignmentFigure(const Table& spikes, const Table& theory, const Canvas& canvas) {
  Figure figure = StrengthFigure(
      "spike_alignment",
      spikes,
      theory,
      {"cos2", "alignment cos² = ⟨û, u⟩²", "set yrange [-0.02:1.02]\nset ytics 0.2\n"},
      canvas);
  figure.caption = fmt::format(
      "Alignment of the leading principal component of n noisy samples with the one true "
      "direction, "
      "against its strength t = lambda/sigma^2 in units of the threshold sqrt(gamma), gamma = "
      "d/(n-1). Points: mean over {}, bars one standard error (mostly smaller than the points); "
      "lines: the limit of large d and n, 0 below the threshold.",
      TrialsText(NumberRows(spikes)));
  return figure;
}

Figure EigenvalueFigure(const Table& spikes, const Table& theory, const Canvas& canvas) {
  Figure figure = StrengthFigure("spike_eigenvalue",
                                 spikes,
                                 theory,
                                 {"eigenvalue",
                                  "largest sample eigenvalue / σ²",
                                  LogarithmicAround(NumberRows(spikes).Values("eigenvalue"))},
                                 canvas);
  figure.caption = fmt::format(
      "Largest sample eigenvalue of the same samples. Below the threshold it sticks to the edge "
      "(1 + sqrt(gamma))^2 of the noise; above it theory is (1 + t)(1 + gamma/t). Points: mean "
      "over "
      "{}, with standard errors.",
      TrialsText(NumberRows(spikes)));
  return figure;
}

// The error left by three gains on the estimated direction, at the largest d and the middle n/d.
Figure GainFigure(const Table& spikes, const Table& theory, const Canvas& canvas) {
  const NumberRows rows(spikes);
  const double d = rows.Distinct("d").back();
  const std::vector<double> samples = rows.Where("d", d).Distinct("n");
  const double n = samples[samples.size() / 2];
  const Panels panels(canvas, 1, {24});
  const std::string share = Chosen("strength", {{"d", d, ""}, {"n", n, ""}});
  const std::string x = Chosen("strength_in_thresholds", {{"d", d, ""}, {"n", n, ""}});
  const NumberRows shown = rows.Where("d", d).Where("n", n);
  std::vector<double> shares;
  Plot plot, points;
  for (const auto& [gain, colour, words] :
       {std::tuple{"projection", kNoisyColour, "1, projection"},
        std::tuple{"wiener", kLinearColour, "t/(1+t), Wiener for u"},
        std::tuple{"best", kDeepColour, "t cos²/(t cos²+1), best"}}) {
    for (std::size_t i = 0; i < shown.Count(); ++i)
      shares.push_back(shown.At(i, std::string(gain) + "_mse") / shown.At(i, "strength"));
    plot.Add(fmt::format(
        "'spikes_theory.csv' using {}:(column(\"{}_mse\")/{}) with lines lc rgb '{}' lw 1.3",
        x,
        gain,
        share,
        colour));
    points.Add(fmt::format(
        "'spikes.csv' using {0}:(column(\"{1}_mse\")/{2}):(column(\"{1}_mse_error\")/{2}) with "
        "yerrorbars pt 7 ps 1.1 lw 0.9 lc rgb '{3}'",
        x,
        gain,
        share,
        colour));
    points.Add(fmt::format("NaN with linespoints pt 7 ps 1.2 lc rgb '{}' lw 1.3", colour), words);
  }
  plot.Add(points);
  plot.Add(kThresholdLine, "threshold");
  const std::string commands =
      StrengthAxis(rows) + LogarithmicAround(shares) +
      "set ylabel 'error E|x − D|² / λ'\n"
      "set arrow 2 from graph 0, first 1 to graph 1, first 1 nohead " +
      Rgb(kGrey38) +
      " lw 0.6 "
      "back\n" +
      panels.Place(0, fmt::format("d = {}, n = {}, {}", d, n, TrialsText(rows))) + plot.Command();
  return {
      Draw(canvas,
           panels.Whole("spike_gain",
                        commands,
                        plot,
                        {{"spikes.csv", spikes}, {"spikes_theory.csv", theory}})),
      fmt::format("Out-of-sample error of D(y) = g <û, y> û on the estimated direction û, as a "
                  "share of the variance lambda of the spike, for three gains g; d = {}, n = {}, "
                  "{}. Points: simulation with standard errors; lines: theory. Above 1 a denoiser "
                  "is worse than returning the mean.",
                  d,
                  n,
                  TrialsText(rows))};
}

// The greatest density, or less where one bin is so tall that the others would vanish: at n = d.
double TopOfBulk(std::vector<double> density) {
  std::sort(density.begin(), density.end());
  return std::min(density.back(), kTallest * density[density.size() / 2]);
}

struct BulkPanel {
  std::string axes;
  Plot plot;
};

BulkPanel BulkPanelOf(const NumberRows& bins, const NumberRows& spikes, double n) {
  const double most = TopOfBulk(bins.Where("n", n).Values("density"));
  const std::vector<double> eigenvalues = spikes.Where("n", n).Values("eigenvalue");
  const auto of_n = [&](const char* column) { return Chosen(column, {{"n", n, ""}}); };
  const std::string bin = fmt::format("'bulk.csv' using (0.5*({}+column(\"high\")))", of_n("low"));
  Plot plot;
  plot.Add(fmt::format("{}:\"density\":(column(\"high\")-column(\"low\")) with boxes fs solid 0.5 "
                       "noborder lc rgb '{}'",
                       bin,
                       kNoisyColour),
           "simulated");
  plot.Add(bin + ":\"density\":\"density_error\" with yerrorbars pt 0 lw 0.5 " + Rgb(kGrey25));
  plot.Add(fmt::format("{}:\"density_theory\" with lines lc rgb '{}' lw 1.4", bin, kDeepColour),
           "Marchenko–Pastur");
  for (const auto& [edge, words] : {std::pair{"lower_edge", "edges"}, std::pair{"upper_edge", ""}})
    plot.Add(fmt::format(
                 "'bulk_fit.csv' using {}:({:.6g}) with impulses " + Rgb(kGrey25) + " dt 3 lw 0.9",
                 of_n(edge),
                 0.5 * most),
             words);
  plot.Add(fmt::format("'bulk_spikes.csv' using {}:({:.6g}) with impulses lc rgb '{}' lw 1.6",
                       of_n("eigenvalue_theory"),
                       0.12 * most,
                       kLinearColour),
           "spikes, theory");
  plot.Add(
      fmt::format("'bulk_spikes.csv' using {}:({:.6g}):\"eigenvalue_error\" with xerrorbars pt 7 "
                  "ps 1.3 lw 1 lc rgb '{}'",
                  of_n("eigenvalue"),
                  0.12 * most,
                  kLinearColour),
      "spikes, simulated");
  return {fmt::format("set xrange [0:{:.6g}]\nset yrange [0:{:.6g}]\n",
                      1.06 * *std::max_element(eigenvalues.begin(), eigenvalues.end()),
                      1.08 * most),
          plot};
}

Figure BulkFigure(const RunFolder& run, const Canvas& canvas) {
  const Table bulk = run.ReadTable(kSpikedBulk), fit = run.ReadTable(kSpikedBulkFit);
  const Table spikes = run.ReadTable(kSpikedBulkSpikes);
  const NumberRows bins(bulk), positions(spikes), fits(fit);
  const std::vector<double> samples = AtMostThree(bins.Distinct("n"));
  const Panels panels(canvas, samples.size(), {18});
  std::string commands =
      "set xlabel 'sample eigenvalue / σ²'\nset ylabel 'density' offset 1.5,0\n"
      "set boxwidth 1 relative\n";
  Plot plot;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const NumberRows at = fits.Where("n", samples[i]);
    const std::string atom = at.At(0, "atom_at_zero") > 0.005
                                 ? fmt::format(", {:.0f} % at 0", 100 * at.At(0, "atom_at_zero"))
                                 : "";
    const BulkPanel panel = BulkPanelOf(bins, positions, samples[i]);
    commands += panels.Place(i, fmt::format("d = {}, n = {}{}", at.At(0, "d"), samples[i], atom)) +
                panel.axes + panel.plot.Command();
    plot = panel.plot;
  }
  return {
      Draw(canvas,
           panels.Whole("bulk",
                        commands,
                        plot,
                        {{"bulk.csv", bulk}, {"bulk_fit.csv", fit}, {"bulk_spikes.csv", spikes}})),
      fmt::format("All sample eigenvalues of noise with three spikes, at 0.5, 2 and 4 thresholds, "
                  "d = {}, mean over {} with standard errors. The bulk follows the law; spikes "
                  "above the threshold leave it, the one below hides at the edge. A "
                  "bin much taller than the others is cut.",
                  fits.At(0, "d"),
                  TrialsText(fits))};
}

}  // namespace

std::vector<Figure> SpikedFigures(const RunFolder& run, const Canvas& canvas) {
  const Table spikes = run.ReadTable(kSpikedSpikes);
  const Table theory = run.ReadTable(kSpikedTheory);
  return {AlignmentFigure(spikes, theory, canvas),
          EigenvalueFigure(spikes, theory, canvas),
          BulkFigure(run, canvas),
          CrowdedModesFigure(run, canvas),
          AligningFigure(run, canvas),
          GainFigure(spikes, theory, canvas),
          LearnedGainsFigure(run, canvas),
          LearnedErrorFigure(run, canvas)};
}

}  // namespace denoscope
