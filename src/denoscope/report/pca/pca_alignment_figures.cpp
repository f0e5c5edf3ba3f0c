#include "denoscope/report/pca/pca_alignment_figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"

namespace denoscope {
namespace {

std::string Name(const std::string& quantity, double n, double index) {
  return fmt::format("{}_n{}_{}", quantity, n, index);
}

// A row a sigma, a column each quantity, n and value of `by`: "images_sin_theta_n1000_5".
Table Wide(const PcaRun& run,
           const Table& table,
           const std::string& by,
           const std::vector<std::string>& quantities) {
  const NumberRows all(table);
  Table wide = {{"sigma"}, {}};
  for (const double sigma : run.sigmas) wide.rows.push_back({NumberText(sigma)});
  for (const double n : run.n) {
    const NumberRows of_n = all.Where("n", n);
    for (const double index : of_n.Distinct(by)) {
      const NumberRows rows = of_n.Where(by, index);
      for (const std::string& quantity : quantities) {
        wide.columns.push_back(Name(quantity, n, index));
        for (std::size_t s = 0; s < rows.Count(); ++s)
          wide.rows[s].push_back(rows.Text(s, quantity));
      }
    }
  }
  return wide;
}

std::string ErrorWords(const PcaRun& run, const std::vector<double>& samples) {
  std::string words = "bars: one standard error over draws";
  for (const double n : samples)
    if (run.DrawsShareImages(n))
      words += fmt::format(
          "; at n = {} the draws share images, so that they are nearly those of "
          "the noise alone",
          n);
  return words;
}

// Dark is low, and the leading modes, which differ most, get most of the colours.
std::string ModeColour(std::int64_t k, std::int64_t modes) {
  const double last = std::log(static_cast<double>(std::max<std::int64_t>(modes, 2)));
  return Hex(Ordered(std::log(static_cast<double>(k) + 1) / last));
}

Plot SinePlot(const PcaRun& run, double n) {
  Plot plot;
  for (std::int64_t k = run.modes; k-- > 0;)  // the leading ones on top
    plot.Add(fmt::format(
        "'sines.csv' using \"sigma\":\"{}\" with linespoints pt 7 ps 0.35 lw {} lc rgb '{}'",
        Name("images_sin_theta", n, static_cast<double>(k)),
        k < 8 ? 1.2 : 0.7,
        ModeColour(k, run.modes)));
  const auto key = [&](std::int64_t k) {
    plot.Add(fmt::format("NaN with lines lw 3 lc rgb '{}'", ModeColour(k, run.modes)),
             fmt::format("k = {}", k));
  };
  for (std::int64_t k = 0; k < run.modes; k = std::max<std::int64_t>(2 * k, k + 1)) key(k);
  key(run.modes - 1);
  return plot;
}

// Of all modes and noise levels, of each n: "0.021 (n = 1000)".
std::string MeanErrors(const PcaRun& run, const std::string& column) {
  std::string text;
  for (const double n : run.n) {
    const std::vector<double> errors = NumberRows(run.alignment).Where("n", n).Values(column);
    const double sum = std::accumulate(errors.begin(), errors.end(), 0.0);
    text += fmt::format(
        "{}{:.2g} (n = {})", text.empty() ? "" : ", ", sum / static_cast<double>(errors.size()), n);
  }
  return text;
}

const std::string kTheories[][3] = {
    {"cos2_spiked", "dt (7,4) lw 1.3 " + Rgb(kGrey50), "spiked (BBP)"},
    {"cos2_anisotropic", "lw 1.6 " + Rgb(kGreen), "anisotropic"},
    {"cos2_mixed", "lw 1.8 " + Rgb(kBlue), "with mixing"}};

// Theory of one n, wide: "cos2_mixed_8".
Table WideTheory(const NumberRows& rows, const std::vector<double>& modes) {
  Table wide = {{"sigma"}, {}};
  for (const double sigma : rows.Where("k", modes.front()).Values("sigma"))
    wide.rows.push_back({NumberText(sigma)});
  for (const double k : modes) {
    const NumberRows of_k = rows.Where("k", k);
    for (const auto& theory : kTheories) {
      wide.columns.push_back(fmt::format("{}_{}", theory[0], k));
      for (std::size_t s = 0; s < of_k.Count(); ++s)
        wide.rows[s].push_back(of_k.Text(s, theory[0]));
    }
  }
  return wide;
}

Plot TheoryPlot(double n, double k, bool titled, const std::string& theory_file) {
  Plot plot;
  for (const auto& theory : kTheories)
    plot.Add(fmt::format("'{}' using \"sigma\":\"{}_{}\" with lines {}{}",
                         theory_file,
                         theory[0],
                         k,
                         theory[1],
                         titled ? "" : " "),
             titled ? theory[2] : "");
  for (const auto& [kind, shift, style, words] :
       {std::tuple{"gaussian", 1.07, "pt 4 ps 1.2 lw 0.9 " + Rgb(kVermillion), "Gaussian twin"},
        std::tuple{"images", 1.0, "pt 7 ps 1.0 lw 0.9 " + Rgb(kBlack), "images"}})
    plot.Add(
        fmt::format("'cosines.csv' using (column(\"sigma\")*{}):\"{}\":\"{}\" with yerrorbars {}{}",
                    shift,
                    Name(std::string(kind) + "_cos2", n, k),
                    Name(std::string(kind) + "_cos2_error", n, k),
                    style,
                    titled ? "" : " "),
        titled ? words : "");
  plot.Add("NaN");
  return plot;
}

Figure TheoriesFigure(const PcaRun& run, const Table& cosines, double n, const Canvas& canvas) {
  const NumberRows theory = NumberRows(run.theory).Where("n", n);
  const std::vector<double> all = theory.Distinct("k");
  std::vector<double> modes;
  for (const std::size_t i : EvenChoice(all.size(), 6)) modes.push_back(all[i]);
  const Panels panels(canvas, modes.size(), {13}, {400, 340});
  const std::string file = fmt::format("cosines_theory_n{}.csv", n);
  std::string commands = SigmaAxis(run.sigmas.front(), run.sigmas.back()) +
                         "set yrange [-0.03:1.03]\nset ytics 0.25\n"
                         "set xlabel 'noise level σ'\nset ylabel 'cos² = ⟨v_k, u_k⟩²'\n";
  Plot plot;
  for (std::size_t i = 0; i < modes.size(); ++i) {
    plot = TheoryPlot(n, modes[i], i + 1 == modes.size(), file);
    commands +=
        panels.Place(i,
                     fmt::format("n = {}, k = {}, λ_k = {:.3g}",
                                 n,
                                 modes[i],
                                 run.reference.lambda[static_cast<Eigen::Index>(modes[i])])) +
        plot.Command();
  }
  return {Draw(canvas,
               panels.Whole(fmt::format("alignment_n{}", n),
                            commands,
                            plot,
                            {{"cosines.csv", cosines}, {file, WideTheory(theory, modes)}})),
          fmt::format("Alignment of principal component k of {} noisy samples with the "
                      "reference's, d = {}, {} draws; {}. The Gaussian twin, drawn "
                      "beside its place, has the same spectrum. "
                      "Spiked: each mode alone in the noise; anisotropic: among the rest of the "
                      "spectrum; with mixing: near neighbours turn into each other.",
                      n,
                      run.Size(),
                      run.draws,
                      ErrorWords(run, {n}))};
}

}  // namespace

Figure SinesFigure(const PcaRun& run, const Canvas& canvas) {
  const Panels panels(canvas, run.n.size(), {6});
  std::string commands = SigmaAxis(run.sigmas.front(), run.sigmas.back()) +
                         "set ylabel 'sin θ_k of v_k and u_k'\nset yrange [0:1.02]\n";
  Plot plot;
  for (std::size_t i = 0; i < run.n.size(); ++i) {
    plot = SinePlot(run, run.n[i]);
    commands += panels.Place(i, run.Title(run.n[i])) + plot.Command();
  }
  return {Draw(canvas,
               panels.Whole("sines",
                            commands,
                            plot,
                            {{"sines.csv", Wide(run, run.alignment, "k", {"images_sin_theta"})}})),
          fmt::format("Sine of the angle between principal component k of n noisy images and the "
                      "reference's, every k of {} (dark = most variance), mean over {} draws; mean "
                      "standard error {}. Lines that cross are neighbours that turn into each "
                      "other.",
                      run.modes,
                      run.draws,
                      MeanErrors(run, "images_sin_theta_error"))};
}

std::vector<Figure> TheoriesFigures(const PcaRun& run, const Canvas& canvas) {
  const Table cosines =
      Wide(run,
           run.alignment,
           "k",
           {"images_cos2", "images_cos2_error", "gaussian_cos2", "gaussian_cos2_error"});
  std::vector<Figure> figures;
  for (const double n : run.n) figures.push_back(TheoriesFigure(run, cosines, n, canvas));
  return figures;
}

Figure SubspacesFigure(const PcaRun& run, const Canvas& canvas) {
  const std::vector<double> ranks = NumberRows(run.subspaces).Distinct("rank");
  const Panels panels(canvas, run.n.size(), {13});
  std::string commands = SigmaAxis(run.sigmas.front(), run.sigmas.back()) +
                         "set ylabel 'mean cos², |V_rᵀU_r|²/r'\n"
                         "set yrange [0:1.02]\n";
  Plot plot;
  for (std::size_t i = 0; i < run.n.size(); ++i) {
    plot = Plot();
    for (std::size_t r = 0; r < ranks.size(); ++r) {
      const std::string colour = OrderedColour(r, ranks.size());
      plot.Add(
          fmt::format("'subspaces.csv' using \"sigma\":\"{}\" with lines dt (7,4) lw 1 lc rgb '{}'",
                      Name("gaussian_share", run.n[i], ranks[r]),
                      colour));
      plot.Add(
          fmt::format("'subspaces.csv' using \"sigma\":\"{}\":\"{}\" with yerrorlines pt 7 ps "
                      "0.8 lw 1.3 lc rgb '{}'",
                      Name("images_share", run.n[i], ranks[r]),
                      Name("images_share_error", run.n[i], ranks[r]),
                      colour));
      plot.Add(fmt::format("NaN with lines lw 3 lc rgb '{}'", colour),
               fmt::format("r = {}", ranks[r]));
    }
    plot.Add("NaN with lines dt (7,4) lw 1 " + Rgb(kGrey25), "Gaussian twin");
    commands += panels.Place(i, run.Title(run.n[i])) + plot.Command();
  }
  return {Draw(canvas,
               panels.Whole("subspaces",
                            commands,
                            plot,
                            {{"subspaces.csv",
                              Wide(run,
                                   run.subspaces,
                                   "rank",
                                   {"images_share", "images_share_error", "gaussian_share"})}})),
          fmt::format("Share of the reference's leading r modes that lies in the leading r of n "
                      "noisy samples; solid: images, dashed: Gaussian samples of the same "
                      "spectrum; {} draws, {}. Where modes crowd a subspace aligns before its "
                      "vectors do. At much noise the share is that of chance, r/d.",
                      run.draws,
                      ErrorWords(run, run.n))};
}

Figure AboveEdgeFigure(const PcaRun& run, const Canvas& canvas) {
  Plot plot;
  for (std::size_t i = 0; i < run.n.size(); ++i) {
    const std::string sigma = Chosen("sigma", {{"n", run.n[i], ""}});
    const std::string colour =
        run.n.size() == 2 ? (i == 0 ? kBlue : kVermillion) : OrderedColour(i, run.n.size());
    for (const auto& [values, style] :
         {std::pair{"\"predicted\"", "lines dt (7,4) lw 1.4"},
          std::pair{"\"gaussian\":\"gaussian_error\"", "yerrorbars pt 4 ps 1.5 lw 0.9"},
          std::pair{"\"images\":\"images_error\"", "yerrorbars pt 7 ps 1 lw 0.9"}})
      plot.Add(fmt::format(
          "'above_edge.csv' using {}:{} with {} lc rgb '{}'", sigma, values, style, colour));
    plot.Add(fmt::format("NaN with lines lw 3 lc rgb '{}'", colour),
             fmt::format("n = {}", run.n[i]));
  }
  plot.Add("NaN with points pt 7 ps 1 " + Rgb(kGrey25), "images");
  plot.Add("NaN with points pt 4 ps 1.5 " + Rgb(kGrey25), "Gaussian twin");
  plot.Add("NaN with lines dt (7,4) lw 1.4 " + Rgb(kGrey25), "λ_k > σ²√γ");
  const Panels panels = OnePanel(canvas, 13, {980, 650});
  const std::string commands = SigmaAxis(run.sigmas.front(), run.sigmas.back()) +
                               "set logscale y\nset format y '%g'\nset yrange [0.7:*]\n"
                               "set ylabel 'eigenvalues above σ²(1 + √γ)²'\n" +
                               panels.Place(0, "") + panels.Inside("top right") + plot.Command();
  return {
      Draw(canvas,
           panels.Whole("above_edge", commands, plot, {{"above_edge.csv", run.above_edge}})),
      fmt::format("Sample eigenvalues beyond the edge of the noise's bulk, gamma = d/(n-1), and "
                  "the count of modes that the spiked form predicts to leave it, each by "
                  "itself; {} draws with standard errors. At small sigma, where modes crowd, "
                  "fewer leave it.",
                  run.draws)};
}

}  // namespace denoscope
