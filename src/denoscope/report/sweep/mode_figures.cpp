#include "denoscope/report/sweep/mode_figures.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

constexpr std::pair<const char*, int> kEvents[] = {{"crossing", 6}, {"split", 8}, {"lost", 2}};

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
      "'{}' using \"sigma\":{} with {}", file, Chosen(column, {{"k", k, ""}}), style);
}

Plot AlignmentPlot(const std::string& to, const std::vector<double>& modes, bool last) {
  Plot plot;
  for (std::size_t i = 0; i < modes.size(); ++i)
    plot.Add(Line("alignment.csv",
                  "sin_" + to + "_block",
                  modes[i],
                  fmt::format("linespoints pt 7 ps 0.5 lw 1.4 lc rgb '{}'",
                              OrderedColour(i, modes.size()))),
             last ? fmt::format("{}", modes[i]) : "");
  plot.Add(
      Line("alignment.csv", "sin_chance", modes.front(), "lines dt (4,4) lw 1.2 " + Rgb(kGrey50)),
      last ? "by chance" : "");
  return plot;
}

}  // namespace

std::optional<Figure> AlignmentFigure(const RunContents& run, const Canvas& canvas) {
  const NumberRows rows(run.alignment);
  const std::vector<double> sigmas = rows.Empty() ? std::vector<double>() : rows.Distinct("sigma");
  if (sigmas.size() < 2) return std::nullopt;
  const std::vector<double> modes = ShownModes(rows.Distinct("k"));
  const bool pca = run.reference.n > 0;
  const Panels panels(canvas, pca ? 2 : 1, {12, "mode k"});
  std::string commands =
      Axis(sigmas) + "set yrange [-0.03:1.03]\nset ylabel 'sin θ_k'\n" + panels.KeyTitle();
  if (pca)
    commands +=
        panels.Place(0, "v_k and PCA mode u_k") + AlignmentPlot("pca", modes, false).Command();
  const Plot start = AlignmentPlot("start", modes, true);
  commands += panels.Place(pca ? 1 : 0, "v_k and v_k at the smallest σ") + start.Command();
  return Figure{
      Draw(canvas, panels.Whole("alignment", commands, start, {{"alignment.csv", run.alignment}})),
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
  Plot plot;
  for (double mode = 0; mode < std::min<double>(kMost, rows.Distinct("mode").size()); ++mode) {
    const std::string colour = OrderedColour(static_cast<std::size_t>(mode), 16);
    plot.Add(fmt::format("'tracks.csv' using \"sigma\":{} with lines lw 1.4 lc rgb '{}'",
                         chosen("eigenvalue", mode, ""),
                         colour),
             fmt::format("{}", mode));
    for (const auto& [event, point] : kEvents)
      plot.Add(fmt::format("'tracks.csv' using \"sigma\":{} with points pt {} ps 1.1 lc rgb '{}'",
                           chosen("eigenvalue", mode, event),
                           point,
                           colour));
  }
  for (const auto& [event, point] : kEvents)
    plot.Add(fmt::format("NaN with points pt {} ps 1.1 " + Rgb(kGrey25), point), event);
  plot.Add("NaN");
  const Panels panels(canvas, 1, {12, "mode at smallest σ"}, {860, 640});
  const std::string commands =
      Axis(rows.Distinct("sigma")) +
      "set logscale y\nset format y '%g'\nset ylabel 'eigenvalue μ of sym(J)'\n" +
      panels.KeyTitle() + panels.Place(0, fmt::format("modes of image {:.0f}", image)) +
      plot.Command();
  return Figure{
      Draw(canvas, panels.Whole("tracks", commands, plot, {{"tracks.csv", run.tracks}})),
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
  const Panels panels(canvas, 2, {14, "mode k"});
  Plot resolved, calibration;
  for (std::size_t i = 0; i < modes.size(); ++i) {
    const std::string colour = OrderedColour(i, modes.size());
    const auto line = [&](const char* column, const char* style) {
      return Line("ledger.csv", column, modes[i], fmt::format("{} lc rgb '{}'", style, colour));
    };
    resolved.Add(line("resolved", "points pt 7 ps 0.8"));
    resolved.Add(line("foretold", "lines lw 1.3"));
    calibration.Add(line("calibration", "linespoints pt 7 ps 0.6 lw 1.3"),
                    fmt::format("{}", modes[i]));
  }
  resolved.Add("NaN");
  calibration.Add("1 with lines dt (4,4) lw 1 " + Rgb(kGrey50));
  const std::string commands =
      Axis(rows.Distinct("sigma")) +
      "set yrange [-0.5:1.05]\nset ylabel 'resolved variance R_k'\n" +
      panels.Place(0, "measured (points), from J (lines)") + resolved.Command() +
      "set logscale y\nset yrange [0.1:10]\nset format y '%g'\nset ylabel 'claimed over made'\n" +
      panels.KeyTitle() + panels.Place(1, "σ² uᵀJu over the error made") + "set format y '%g'\n" +
      calibration.Command();
  return Figure{
      Draw(canvas, panels.Whole("ledger", commands, calibration, {{"ledger.csv", run.ledger}})),
      fmt::format("The mode ledger over {} held-out images. Left: the variance of PCA mode k that "
                  "the denoiser resolves, measured by its errors and foretold by its Jacobian, 1 − "
                  "σ² E[u'Ju]/E[(u'(x−m))²]; for the least-squares optimum they are equal. Right: "
                  "their ratio in terms of error, 1 for an optimum, below where J promises more "
                  "than D keeps.",
                  run.evaluations.empty() ? 0 : run.evaluations.front().images)};
}

}  // namespace denoscope
