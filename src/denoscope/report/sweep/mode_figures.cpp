#include "denoscope/report/sweep/mode_figures.h"

#include <algorithm>
#include <cmath>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

// Rows of other modes are no gaps in a curve.
std::string Axis(const std::vector<double>& sigmas) {
  return "set datafile missing NaN\n" + SigmaAxis(*std::min_element(sigmas.begin(), sigmas.end()),
                                                  *std::max_element(sigmas.begin(), sigmas.end()));
}

// Every k where there are few, else a choice that thins out.
std::vector<double> ShownModes(const std::vector<double>& modes) {
  std::vector<double> shown;
  for (const double k : {0, 1, 2, 3, 4, 6, 8, 11, 15, 20, 26, 31, 50, 100, 200, 500, 1000, 2000})
    if (std::find(modes.begin(), modes.end(), k) != modes.end()) shown.push_back(k);
  return shown;
}

std::string Line(const std::string& file,
                 const std::string& column,
                 double k,
                 const std::string& style) {
  return fmt::format(
      "  '{}' using \"sigma\":{} with {}", file, Chosen(column, {{"k", k, ""}}), style);
}

std::string AlignmentPanel(const std::string& to, const std::vector<double>& modes, bool last) {
  std::string plots;
  for (std::size_t i = 0; i < modes.size(); ++i)
    plots += Line("alignment.csv",
                  "sin_" + to + "_block",
                  modes[i],
                  fmt::format("linespoints pt 7 ps 0.5 lw 1.4 lc rgb '{}'{}",
                              OrderedColour(i, modes.size()),
                              last ? fmt::format(" title '{}'", modes[i]) : "")) +
             ", \\\n";
  return plots +
         Line("alignment.csv",
              "sin_chance",
              modes.front(),
              "lines dt (4,4) lw 1.2 lc rgb '#808080'") +
         (last ? " title 'by chance'\n" : "\n");
}

}  // namespace

std::optional<Figure> AlignmentFigure(const RunContents& run, const Canvas& canvas) {
  const NumberRows rows(run.alignment);
  const std::vector<double> sigmas = rows.Empty() ? std::vector<double>() : rows.Distinct("sigma");
  if (sigmas.size() < 2) return std::nullopt;
  const std::vector<double> modes = ShownModes(rows.Distinct("k"));
  const bool pca = run.reference.n > 0;
  const Panels panels(canvas, pca ? 2 : 1, 12);
  std::string commands =
      Axis(sigmas) + "set yrange [-0.03:1.03]\nset ylabel 'sin θ_k'\nset key title 'mode k'\n";
  if (pca)
    commands +=
        panels.Place(0, "v_k and PCA mode u_k") + "plot \\\n" + AlignmentPanel("pca", modes, false);
  commands += panels.Place(pca ? 1 : 0, "v_k and v_k at the smallest σ") + "plot \\\n" +
              AlignmentPanel("start", modes, true);
  return Figure{
      Draw(canvas, panels.Whole("alignment", commands, {{"alignment.csv", run.alignment}})),
      fmt::format(
          "Sine of the angle between eigenvector v_k of sym(J) and its reference, mean over "
          "{}; modes whose eigenvalues agree to 5 % count as one subspace. Dashed: {} random "
          "directions. An order fixed by low frequencies first would keep dark curves low "
          "where bright ones have left.",
          Counted(run.cells.size() / sigmas.size(), "cell"),
          modes.size())};
}

std::optional<Figure> TracksFigure(const RunContents& run, const Canvas& canvas) {
  const NumberRows rows(run.tracks);
  if (rows.Empty() || rows.Distinct("sigma").size() < 2) return std::nullopt;
  const double image = rows.At(0, "image"), draw = rows.At(0, "draw");
  constexpr double kMost = 16;
  const auto chosen = [&](const std::string& column, double mode, const std::string& event) {
    std::vector<Condition> where = {{"image", image, ""}, {"draw", draw, ""}, {"mode", mode, ""}};
    if (!event.empty()) where.push_back({"event", 0, event});
    return Chosen(column, where);
  };
  std::string plots;
  for (double mode = 0; mode < std::min<double>(kMost, rows.Distinct("mode").size()); ++mode) {
    const std::string colour = OrderedColour(static_cast<std::size_t>(mode), 16);
    plots += fmt::format(
        "  'tracks.csv' using \"sigma\":{} with lines lw 1.4 lc rgb '{}' title '{}', \\\n",
        chosen("eigenvalue", mode, ""),
        colour,
        mode);
    for (const auto& [event, point] :
         {std::pair{"crossing", 6}, std::pair{"split", 8}, std::pair{"lost", 2}})
      plots += fmt::format(
          "  'tracks.csv' using \"sigma\":{} with points pt {} ps 1.1 lc rgb '{}', \\\n",
          chosen("eigenvalue", mode, event),
          point,
          colour);
  }
  for (const auto& [event, point] :
       {std::pair{"crossing", 6}, std::pair{"split", 8}, std::pair{"lost", 2}})
    plots += fmt::format(
        "  NaN with points pt {} ps 1.1 lc rgb '#404040' title '{}', \\\n", point, event);
  const Panels panels(canvas, 1, 12, {860, 640});
  const std::string commands =
      Axis(rows.Distinct("sigma")) +
      "set logscale y\nset format y '%g'\nset ylabel 'eigenvalue μ of sym(J)'\n"
      "set key title 'mode at smallest σ'\n" +
      panels.Place(0, fmt::format("modes of image {:.0f}", image)) + "plot \\\n" + plots +
      "  NaN\n";
  return Figure{
      Draw(canvas, panels.Whole("tracks", commands, {{"tracks.csv", run.tracks}})),
      fmt::format("Eigenvalues of sym(J) of image {:.0f}, each mode followed from one "
                  "noise level to the next by the best total overlap. A crossing is where "
                  "it changes its rank, a split where no mode keeps half of it, lost "
                  "where the {} leading modes together do not.",
                  image,
                  rows.Distinct("mode").size())};
}

std::optional<Figure> LedgerFigure(const RunContents& run, const Canvas& canvas) {
  const NumberRows rows(run.ledger);
  if (rows.Empty() || rows.Distinct("sigma").size() < 2) return std::nullopt;
  std::vector<double> modes;
  for (const double k : ShownModes(rows.Distinct("k")))
    if (k == 0 || k == 2 || k == 8 || k >= 20) modes.push_back(k);
  const Panels panels(canvas, 2, 14);
  std::string resolved, calibration;
  for (std::size_t i = 0; i < modes.size(); ++i) {
    const std::string colour = OrderedColour(i, modes.size());
    resolved += Line("ledger.csv",
                     "resolved",
                     modes[i],
                     fmt::format("points pt 7 ps 0.8 lc rgb '{}', \\\n", colour)) +
                Line("ledger.csv",
                     "foretold",
                     modes[i],
                     fmt::format("lines lw 1.3 lc rgb '{}', \\\n", colour));
    calibration +=
        Line("ledger.csv",
             "calibration",
             modes[i],
             fmt::format(
                 "linespoints pt 7 ps 0.6 lw 1.3 lc rgb '{}' title '{}', \\\n", colour, modes[i]));
  }
  const std::string commands =
      Axis(rows.Distinct("sigma")) +
      "set yrange [-0.5:1.05]\nset ylabel 'resolved variance R_k'\n" +
      panels.Place(0, "measured (points), from J (lines)") + "plot \\\n" + resolved + "  NaN\n" +
      "set logscale y\nset yrange [0.1:10]\nset format y '%g'\nset ylabel 'claimed over made'\nset "
      "key title 'mode k'\n" +
      panels.Place(1, "σ² uᵀJu over the error made") + "set format y '%g'\nplot \\\n" +
      calibration + "  1 with lines dt (4,4) lw 1 lc rgb '#808080'\n";
  return Figure{
      Draw(canvas, panels.Whole("ledger", commands, {{"ledger.csv", run.ledger}})),
      fmt::format("The mode ledger over {} held-out images. Left: the variance of PCA mode k that "
                  "the denoiser resolves, measured by its errors and foretold by its Jacobian, 1 − "
                  "σ² E[u'Ju]/E[(u'(x−m))²]; for the least-squares optimum they are equal. Right: "
                  "their ratio in terms of error, 1 for an optimum, below where J promises more "
                  "than D keeps.",
                  run.evaluations.empty() ? 0 : run.evaluations.front().images)};
}

}  // namespace denoscope
