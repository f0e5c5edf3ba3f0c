#include "denoscope/report/sweep/level_figures.h"

#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

constexpr const char* kCurveStyle = "linespoints pt 7 ps 0.7 lw 1.5";

struct Curve {
  const char *column, *colour, *words;
};

bool HasNumber(const NumberRows& rows, const std::string& column) {
  for (const double value : rows.Values(column))
    if (std::isfinite(value)) return true;
  return false;
}

// A panel with its own key; curves that were not computed are left out.
Plot PanelOf(const NumberRows& rows, const std::vector<Curve>& curves) {
  Plot plot;
  for (const Curve& curve : curves)
    if (HasNumber(rows, curve.column))
      plot.Add(fmt::format("'levels.csv' using \"sigma\":\"{}\" with {} lc rgb '{}'",
                           curve.column,
                           kCurveStyle,
                           curve.colour),
               curve.words);
  plot.Add("NaN");
  return plot;
}

}  // namespace

std::optional<Figure> JacobianLevelsFigure(const RunContents& run, const Canvas& canvas) {
  const NumberRows rows(run.levels);
  if (rows.Count() < 2) return std::nullopt;
  const Panels panels(canvas, 3, {});
  const auto place = [&](std::size_t i, const std::string& title) {
    return panels.Place(i, title) +
           "set key at graph 0.02, graph 0.98 top left Left reverse samplen 1.5 font ',13'\n";
  };
  const Plot travel = PanelOf(rows,
                              {{"travel_draws", kBlue, "between draws of noise"},
                               {"travel_images", kVermillion, "between images"},
                               {"distance", kBlack, "|J − W|/|W| to Wiener"},
                               {"off_diagonal", kGreen, "of mean J off the PCA diagonal"}});
  const std::string commands =
      SigmaAxis(rows.At(0, "sigma"), rows.At(rows.Count() - 1, "sigma")) +
      fmt::format("set yrange [0:{}]\nset ylabel 'share'\n", canvas.OnPaper() ? 2.0 : 1.6) +
      place(0, "asymmetry") +
      PanelOf(rows,
              {{"asymmetry", kBlack, "|J − J^T|/|J|"},
               {"blind_allowance", kGreen, "of an optimum that guesses σ"},
               {"blind_share", kVermillion, "share of its square along y − D"},
               {"homogeneous_share", kPurple, "share of its square along y"},
               {"negative_mass", kBlue, "negative mass of sym(J)"},
               {"outside_mass", kGrey50, "mass outside [0,1]"}})
          .Command() +
      place(1, "how far J speaks for D") +
      PanelOf(rows,
              {{"local_noise", kBlue, "for other noise, same image"},
               {"local_images", kVermillion, "for other images"},
               {"linear_explained", kBlack, "Wiener, for all images"}})
          .Command() +
      place(2, "how far J travels") + travel.Command();
  return Figure{
      Draw(canvas, panels.Whole("jacobian_levels", commands, travel, {{"levels.csv", run.levels}})),
      "Left: how far the Jacobian is from the symmetric, positive one of an optimum, and what part "
      "of that a guess of σ (along y − D) or homogeneity (along y) can explain. Middle: the share "
      "of changes of D that J at one noisy image explains. Right: E|J_a − J_b|²/2E|J|² between "
      "draws and images, 0 for one map, 1 for nothing in common."};
}

std::optional<Figure> TimeUpdateFigure(const RunContents& run, const Canvas& canvas) {
  const NumberRows rows(run.time_update);
  if (rows.Empty()) return std::nullopt;
  const std::vector<double> levels = rows.Distinct("from");
  if (levels.size() < 3) return std::nullopt;
  const Panels panels(canvas, 3, {12});
  std::string commands = "set datafile missing NaN\n" + SigmaAxis(levels.front(), levels.back()) +
                         "set xlabel 'to noise level σ'\nset yrange [0:1.5]\n"
                         "set ylabel 'relative error of gains'\n";
  Plot plot;
  for (std::size_t i = 0; i < 3; ++i) {
    const double from = levels[EvenChoice(levels.size(), 3)[i]];
    plot = Plot();
    for (const Curve& curve : {Curve{"foretold", kBlue, "time update"},
                               Curve{"unchanged", kGrey50, "unchanged"},
                               Curve{"wiener", kVermillion, "Wiener"}})
      plot.Add(fmt::format("'time_update.csv' using \"to\":{} with {} lc rgb '{}'",
                           Chosen(curve.column, {{"from", from, ""}}),
                           kCurveStyle,
                           curve.colour),
               curve.words);
    plot.Add("NaN");
    commands += panels.Place(i, "from σ = " + SigmaText(from)) + plot.Command();
  }
  return Figure{
      Draw(canvas,
           panels.Whole("time_update", commands, plot, {{"time_update.csv", run.time_update}})),
      "Gains u'Ju along PCA modes at other noise levels, foretold from J at one by the "
      "Gaussian time update: |g − g'|/|g|, mean over cells; beside leaving them as they "
      "are, and taking Wiener's."};
}

}  // namespace denoscope
