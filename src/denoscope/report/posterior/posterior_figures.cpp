#include "denoscope/report/posterior/posterior_figures.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"
#include "denoscope/report/posterior/posterior_sheet.h"

namespace denoscope {
namespace {

constexpr std::size_t kMostSheets = 2, kMostCurves = 5;

struct Kind {
  const char *name, *title;
};
constexpr Kind kKinds[] = {
    {"pca", "PCA modes"}, {"pixel", "pixels"}, {"component", "leading components of each image"}};

// Curves stand side by side, so that bars at one level do not hide each other.
Plot Curves(const std::string& kind, const std::vector<double>& sigmas) {
  constexpr double kStep = 0.008;
  Plot plot;
  plot.Add("x with lines dt (7,4) lw 1.2 " + Rgb(kGrey50), "nominal");
  for (std::size_t i = 0; i < sigmas.size(); ++i) {
    const double shift =
        kStep * (static_cast<double>(i) - 0.5 * (static_cast<double>(sigmas.size()) - 1));
    const std::string at =
        fmt::format("'coverage.csv' using ({} + {:.4f}):\"covered\"",
                    Chosen("level", {{"kind", 0, kind}, {"sigma", sigmas[i], ""}}),
                    shift);
    const std::string colour = OrderedColour(i, sigmas.size());
    plot.Add(fmt::format(
        "{}:\"covered_error\" with yerrorbars pt 7 ps 1 lw 1.3 lc rgb '{}'", at, colour));
    plot.Add(fmt::format("{} with linespoints pt 7 ps 1 lw 1.3 lc rgb '{}'", at, colour),
             "σ = " + SigmaText(sigmas[i]));
  }
  plot.Add("NaN");
  return plot;
}

std::string CoverageCaption(const NumberRows& rows) {
  const double images = rows.At(0, "images");
  return fmt::format(
      "How often the clean image lies within the central interval of the normal distribution "
      "that the Jacobian claims, against the nominal chance, along fixed directions (PCA modes "
      "of the training images, random pixels) and each image's own components; {} held-out "
      "images, {}. Below the line: the denoiser is too sure of itself.",
      images,
      std::isfinite(rows.At(0, "covered_error")) ? "bars: one standard error, by image"
                                                 : "too few for a standard error");
}

Figure CoverageFigure(const Table& table, const Canvas& canvas) {
  const NumberRows rows(table);
  const std::vector<double> all = rows.Distinct("sigma");
  std::vector<double> sigmas;
  for (const std::size_t i : EvenChoice(all.size(), kMostCurves)) sigmas.push_back(all[i]);
  std::vector<Kind> kinds;
  for (const Kind& kind : kKinds)
    if (!rows.Where("kind", std::string(kind.name)).Empty()) kinds.push_back(kind);
  // From a tenth below the least that was measured, where the curves are.
  double least = 0.5;
  for (const double covered : rows.Values("covered"))
    if (std::isfinite(covered)) least = std::min(least, covered);
  const double low = std::max(0.0, std::floor(10 * least - 1) / 10);
  const Panels panels(canvas, kinds.size(), {9});
  std::string commands = fmt::format("set yrange [{:.1f}:1.02]\n", low) +
                         "set xrange [0.45:1]\nset xtics (0.5, 0.68, 0.9, "
                         "'' 0.95)\nset xlabel 'nominal coverage'\n"
                         "set ylabel 'measured coverage'\n";
  Plot plot;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    plot = Curves(kinds[i].name, sigmas);
    commands += panels.Place(i, kinds[i].title) + plot.Command();
  }
  return {Draw(canvas, panels.Whole("coverage", commands, plot, {{"coverage.csv", table}})),
          CoverageCaption(rows)};
}

}  // namespace

std::vector<Figure> PosteriorFigures(const RunFolder& folder_of_run, const Canvas& canvas) {
  const PosteriorRun run = ReadPosteriorRun(folder_of_run);
  std::vector<Figure> figures;
  std::vector<std::int64_t> images;
  for (const Posterior& p : run.posteriors)
    if (std::find(images.begin(), images.end(), p.image) == images.end()) images.push_back(p.image);
  for (std::size_t i = 0; i < std::min(images.size(), kMostSheets); ++i)
    figures.push_back(PosteriorSheet(run, images[i], canvas));
  if (!run.coverage.rows.empty()) figures.push_back(CoverageFigure(run.coverage, canvas));
  return figures;
}

}  // namespace denoscope
