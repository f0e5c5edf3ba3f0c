#include "denoscope/report/pca/pca_aligning_figures.h"

#include <algorithm>
#include <cmath>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

// 0 means never, and has no place on a logarithmic axis.
std::string OrNan(double value) { return NumberText(value > 0 ? value : NAN); }

// A row a n and mode; a censored level stands beyond the edge that it lies beyond. Levels without
// an interval have one of no length, to be drawn all the same.
Table LevelsTable(const PcaRun& run) {
  const NumberRows rows(run.aligning);
  Table table = {{"n", "lambda", "frequency", "spiked", "anisotropic", "mixed", "sigma_half"}, {}};
  for (const std::string kind : {"images", "gaussian"})
    for (const char* ending : {"", "_low", "_high", "_below", "_above"})
      table.columns.push_back(kind + ending);
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    std::vector<std::string> row = {
        rows.Text(i, "n"), rows.Text(i, "lambda"), rows.Text(i, "frequency")};
    for (const char* theory : {"spiked", "anisotropic", "mixed"})
      row.push_back(OrNan(rows.At(i, std::string("sigma_aligning_") + theory)));
    row.push_back(NumberText(std::sqrt(rows.At(i, "lambda"))));
    for (const std::string kind : {"images_own", "gaussian_own"}) {
      const double sigma = rows.At(i, kind);
      const double low = rows.At(i, kind + "_low"), high = rows.At(i, kind + "_high");
      const std::string& censored = rows.Text(i, kind + "_censored");
      row.push_back(NumberText(sigma));
      row.push_back(NumberText(std::isfinite(low) ? low : sigma));
      row.push_back(NumberText(std::isfinite(high) ? high : sigma));
      row.push_back(NumberText(censored == "below" ? run.sigmas.front() / 1.12 : NAN));
      row.push_back(NumberText(censored == "above" ? run.sigmas.back() * 1.12 : NAN));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string LevelAxis(const PcaRun& run) {
  return LogarithmicTics("y") +
         fmt::format("set yrange [{:.6g}:{:.6g}]\nset ylabel 'aligning σ, where cos² = ½'\n",
                     run.sigmas.front() / 1.3,
                     run.sigmas.back() * 1.3);
}

// Gaussian twin and images, censored ones as triangles.
Plot Points(double n, const std::string& x) {
  const std::string chosen = Chosen(x, {{"n", n, ""}});
  Plot plot;
  for (const auto& [kind, point, size, colour, words] :
       {std::tuple{"gaussian", 4, 1.3, kVermillion, "Gaussian twin"},
        std::tuple{"images", 7, 0.9, kBlack, "images"}}) {
    plot.Add(fmt::format(
                 "'aligning.csv' using {0}:\"{1}\":\"{1}_low\":\"{1}_high\" with yerrorbars pt {2} "
                 "ps {3} lw 0.8 lc rgb '{4}'",
                 chosen,
                 kind,
                 point,
                 size,
                 colour),
             words);
    for (const auto& [how, triangle] : {std::pair{"below", 10}, std::pair{"above", 8}})
      plot.Add(fmt::format("'aligning.csv' using {}:\"{}_{}\" with points pt {} ps {} lc rgb '{}'",
                           chosen,
                           kind,
                           how,
                           triangle,
                           size,
                           colour));
  }
  return plot;
}

// Only what occurs.
Plot CensoredKey(const PcaRun& run) {
  const NumberRows rows(run.aligning);
  Plot key;
  for (const auto& [how, point] : {std::pair{"below", 10}, std::pair{"above", 8}})
    if (!rows.Where("images_own_censored", how).Empty() ||
        !rows.Where("gaussian_own_censored", how).Empty())
      key.Add(fmt::format("NaN with points pt {} ps 1.2 " + Rgb(kGrey25), point),
              std::string(how) + " all σ");
  key.Add("NaN");
  return key;
}

std::string StatisticsLabel(const PcaRun& run, double n) {
  const NumberRows rows = NumberRows(run.statistics).Where("n", n).Where("measure", "own");
  const NumberRows images = rows.Where("samples", "images");
  const NumberRows twin = rows.Where("samples", "gaussian");
  const auto of = [](const NumberRows& r, const std::string& column) {
    return fmt::format("{} ({} to {})",
                       Signed(r.At(0, column)),
                       Signed(r.At(0, column + "_modes_low")),
                       Signed(r.At(0, column + "_modes_high")));
  };
  return fmt::format(
      "set label 1 \"rank correlation with f: {}\\ntwin: {}\\ngiven λ: {}\\ntwin: {}\" at graph "
      "0.99, 0.97 right font ',14'\n",
      of(images, "rank_frequency"),
      of(twin, "rank_frequency"),
      of(images, "partial_frequency"),
      of(twin, "partial_frequency"));
}

}  // namespace

Figure AligningByVarianceFigure(const PcaRun& run, const Canvas& canvas) {
  const Panels panels(canvas, run.n.size(), {13});
  const double first = run.reference.lambda[0];
  const double last = run.reference.lambda[static_cast<Eigen::Index>(run.modes) - 1];
  std::string commands =
      LogarithmicTics("x") +
      fmt::format(
          "set xrange [{:.6g}:{:.6g}]\nset xlabel 'eigenvalue λ_k'\n", last / 1.2, first * 1.3) +
      LevelAxis(run);
  Plot plot;
  for (std::size_t i = 0; i < run.n.size(); ++i) {
    plot = Points(run.n[i], "lambda");
    for (const auto& [theory, style, words] :
         {std::tuple{"spiked", "lines dt (7,4) lw 1.3 " + Rgb(kGrey50), "spiked (BBP)"},
          std::tuple{"anisotropic", "points pt 1 ps 1.3 lw 1.6 " + Rgb(kGreen), "anisotropic"},
          std::tuple{"mixed", "points pt 2 ps 1.3 lw 1.6 " + Rgb(kBlue), "with mixing"}})
      plot.Add(fmt::format("'aligning.csv' using {}:\"{}\" with {}",
                           Chosen("lambda", {{"n", run.n[i], ""}}),
                           theory,
                           style),
               words);
    plot.Add(CensoredKey(run));
    commands += panels.Place(i, run.Title(run.n[i])) + plot.Command();
  }
  return {
      Draw(canvas, panels.Whole("aligning", commands, plot, {{"aligning.csv", LevelsTable(run)}})),
      fmt::format("The noise level at which principal component k of n noisy samples is half "
                  "aligned with the reference's, against lambda_k, beside three theories; bars: "
                  "95 % by the jackknife over {} draws. Triangles: modes that are never, or "
                  "always, half aligned within the range of noise levels.",
                  run.draws)};
}

Figure AligningByFrequencyFigure(const PcaRun& run, const Canvas& canvas) {
  const Panels panels(canvas, run.n.size(), {13});
  std::string commands =
      LevelAxis(run) +
      fmt::format("set xrange [0:{:.4g}]\nset xlabel 'frequency f of u_k (cycles per image)'\n",
                  run.reference.frequency.maxCoeff() * 1.04);
  Plot plot;
  for (std::size_t i = 0; i < run.n.size(); ++i) {
    plot = Points(run.n[i], "frequency");
    plot.Add(CensoredKey(run));
    commands +=
        panels.Place(i, run.Title(run.n[i])) + StatisticsLabel(run, run.n[i]) + plot.Command();
  }
  return {
      Draw(canvas, panels.Whole("frequency", commands, plot, {{"aligning.csv", LevelsTable(run)}})),
      "The same noise level against the frequency of the mode; bars: 95 % by the jackknife over "
      "draws. The twin's samples are no images: it aligns by variance alone, and a mode of it "
      "has the frequency of the image mode with the same variance."};
}

}  // namespace denoscope
