#include "denoscope/report/sample/sample_figures.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <tuple>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/tiles.h"
#include "denoscope/report/plots/words.h"
#include "denoscope/report/sample/sample_run.h"
#include "denoscope/report/sweep/sweep_figures.h"
#include "denoscope/results/sweep_columns.h"

namespace denoscope {
namespace {

using Eigen::Index;

const std::string kWienerKey = "NaN with lines " + Rgb(kGrey25) + " dt (6,4) lw 1";

// A row of pictures with its name.
struct TileRow {
  std::string label;
  std::vector<cv::Mat> pictures;
};

// `headings`: of the labels, then of the columns; or none.
std::filesystem::path DrawRows(const Canvas& canvas,
                               const std::string& name,
                               const std::vector<TileRow>& rows,
                               const std::vector<std::string>& headings,
                               const Shape& shape) {
  const TileGrid grid = MakeTileGrid(canvas, shape, 0);
  std::size_t columns = 0;
  for (const TileRow& row : rows) columns = std::max(columns, row.pictures.size());
  const double top = kSheetMargin + (headings.empty() ? 0 : kSheetLine);
  Sheet sheet(canvas,
              grid.Left(columns) - kTileGap + kSheetMargin,
              top + static_cast<double>(rows.size()) * grid.RowHeight() + kSheetMargin - kTileGap);
  if (!headings.empty()) sheet.Left(headings[0], kSheetMargin, kSheetMargin + 8);
  for (std::size_t i = 1; i < headings.size(); ++i)
    sheet.Centre(headings[i], grid.Centre(i - 1), kSheetMargin + 8);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double y = top + static_cast<double>(r) * grid.RowHeight();
    sheet.Left(rows[r].label, kSheetMargin, y + grid.tile_height / 2);
    for (std::size_t i = 0; i < rows[r].pictures.size(); ++i)
      sheet.Tile(rows[r].pictures[i], grid, grid.Left(i), y);
  }
  return sheet.Write(name);
}

std::size_t Columns(const Canvas& canvas, const Shape& shape, std::size_t most) {
  return ColumnsThatFit(canvas, MakeTileGrid(canvas, shape, 0), most);
}

// Sample b at state t of (T,B,C,H,W); one that has diverged is gray.
cv::Mat PictureAt(const Array& states, Index t, Index b) {
  const Shape shape(states.shape.begin() + 2, states.shape.end());
  const auto size = static_cast<std::size_t>(ElementCount(shape));
  const float* const begin =
      states.Data<float>() + static_cast<std::size_t>(t * states.shape[1] + b) * size;
  std::vector<float> pixels(begin, begin + size);
  for (float& pixel : pixels)
    if (!std::isfinite(pixel)) pixel = 0.5F;
  return ImagePicture(Array::From<float>(shape, pixels));
}

std::vector<cv::Mat> Images(const Path& path, Index from, Index to) {
  std::vector<cv::Mat> pictures;
  for (Index b = from; b < std::min(to, path.Samples()); ++b)
    pictures.push_back(PictureAt(path.denoised, path.States() - 1, b));
  return pictures;
}

std::optional<Figure> SamplesSheet(const SampleRun& run, const Canvas& canvas) {
  const Shape shape = ImageShapeOf(run.paths.deep);
  const auto columns = static_cast<Index>(Columns(canvas, shape, 14));
  std::vector<TileRow> rows = {{"samples", Images(run.paths.deep, 0, columns)}};
  if (run.paths.HasLinear()) rows.push_back({"Wiener", Images(run.paths.linear, 0, columns)});
  return Figure{
      DrawRows(canvas, "samples", rows, {}, shape),
      fmt::format(
          "Images that {} ends in ({}), clipped to [0,1]{}.",
          run.subject,
          run.Process(),
          run.paths.HasLinear() ? "; below, the Wiener denoiser from the same starts" : "")};
}

std::optional<Figure> PathsSheet(const SampleRun& run, const Canvas& canvas) {
  const Path& path = run.paths.deep;
  const Shape shape = ImageShapeOf(path);
  const std::vector<std::size_t> states =
      EvenChoice(static_cast<std::size_t>(path.States()), Columns(canvas, shape, 12));
  std::vector<std::string> headings = {run.fixed_sigma > 0 ? "step" : "σ"};
  for (const std::size_t t : states) {
    const double sigma = path.sigmas(static_cast<Index>(t), 0);
    headings.push_back(run.fixed_sigma > 0    ? std::to_string(t)
                       : std::isfinite(sigma) ? SigmaText(sigma)
                                              : "-");
  }
  std::vector<TileRow> rows;
  for (Index b = 0; b < std::min<Index>(3, path.Samples()); ++b)
    for (const auto& [label, of, array] :
         {std::tuple{"x_t", &path, &Path::noisy},
          std::tuple{"D(x_t)", &path, &Path::denoised},
          std::tuple{"Wiener", &run.paths.linear, &Path::denoised}}) {
      if (of->States() == 0) continue;
      rows.push_back({label, {}});
      for (const std::size_t t : states)
        rows.back().pictures.push_back(PictureAt(of->*array, static_cast<Index>(t), b));
    }
  return Figure{DrawRows(canvas, "paths", rows, headings, shape),
                fmt::format("Paths of the first samples ({}): state x_t, estimate D(x_t){}, by "
                            "falling noise level, clipped to [0,1].",
                            run.Process(),
                            run.paths.HasLinear() ? ", Wiener's on its own path" : "")};
}

std::vector<double> ShownModes(const NumberRows& rows) {
  const std::vector<double> all = rows.Distinct("k");
  std::vector<double> shown;
  for (const double k : {0, 2, 5, 10, 20, 50, 100, 200})
    if (std::find(all.begin(), all.end(), k) != all.end()) shown.push_back(k);
  return shown;
}

// The key is another panel's where `key` is not set.
Plot Curves(const std::string& along,
            const std::string& column,
            const std::vector<double>& directions,
            bool linear,
            bool key) {
  Plot plot;
  for (const char* process : {"linear", "deep"}) {
    const bool deep = std::string(process) == "deep";
    for (std::size_t i = 0; i < directions.size() && (deep || linear); ++i)
      plot.Add(fmt::format(
                   "'emergence_steps.csv' using \"sigma\":{} with lines lc rgb '{}' {}",
                   Chosen(column,
                          {{"process", 0, process}, {"along", 0, along}, {"k", directions[i], ""}}),
                   OrderedColour(i, directions.size()),
                   deep ? "lw 1.6" : "dt (6,4) lw 1"),
               deep && key ? fmt::format("{}", directions[i]) : "");
  }
  if (key && linear) plot.Add(kWienerKey, "Wiener");
  plot.Add("NaN");
  return plot;
}

// Where each mode has emerged, with the key of all panels.
Plot HalvesPlot(const std::vector<double>& shown) {
  Plot plot;
  for (std::size_t i = 0; i < shown.size(); ++i)
    plot.Add(fmt::format("NaN with lines lw 1.6 lc rgb '{}'", OrderedColour(i, shown.size())),
             fmt::format("{}", shown[i]));
  plot.Add(kWienerKey, "Wiener");
  for (const auto& [column, point, colour, words] :
       {std::tuple{"linear_energy", 4, kLinearColour, "σ_½ Wiener, energy"},
        std::tuple{"deep_energy", 7, kDeepColour, "σ_½, energy"},
        std::tuple{"deep_correlation", 6, kGreen, "σ_½, correlation²"}})
    plot.Add(fmt::format("'path_emergence.csv' using {}:{} with points pt {} ps 0.7 lc rgb '{}'",
                         Chosen("lambda", {{"along", 0, "mode"}}),
                         Chosen(column, {{"along", 0, "mode"}}),
                         point,
                         colour),
             words);
  plot.Add("sqrt(x) with lines lw 1 " + Rgb(kGrey50), "√λ");
  return plot;
}

std::optional<Figure> EmergenceAlongPaths(const SampleRun& run, const Canvas& canvas) {
  const NumberRows all(run.emergence_steps);
  if (all.Empty() || run.fixed_sigma > 0) return std::nullopt;
  const bool modes = !all.Where("along", "mode").Empty();
  const std::string along = modes ? "mode" : "band";
  const NumberRows rows = all.Where("along", along);
  const std::vector<double> shown = ShownModes(rows);
  const std::vector<double> sigmas = rows.Where("process", "deep").Distinct("sigma");
  if (sigmas.size() < 3) return std::nullopt;
  const bool linear = !all.Where("process", "linear").Empty();
  const std::string half = "set arrow 1 from graph 0, first {0} to graph 1, first {0} nohead " +
                           Rgb(kGrey38) +
                           " lw 0.5 "
                           "back\n";
  const Panels panels(canvas, modes ? 3 : 2, {modes ? 20 : 12, along + " k"});
  Plot plot = Curves(along, "correlation", shown, linear, !modes);
  std::string commands = "set datafile missing NaN\n" + SigmaAxis(sigmas.back(), sigmas.front()) +
                         "set yrange [-0.05:1.3]\nset ylabel 'energy, beside the final image'\n" +
                         fmt::format(half, 0.5) + panels.Place(0, "energy of D(x_t) by " + along) +
                         Curves(along, "energy", shown, linear, false).Command() +
                         "set yrange [-0.25:1.05]\nset ylabel 'correlation'\n" +
                         fmt::format(half, std::sqrt(0.5)) + panels.KeyTitle() +
                         panels.Place(1, "correlation of D(x_t) with the final image") +
                         "set ytics\n" + plot.Command();
  if (modes) {
    plot = HalvesPlot(shown);
    commands +=
        "unset arrow 1\nset logscale xy\nset format x '10^{%T}'\nset xtics auto\nset mxtics 10\n" +
        LogarithmicTics("y") + panels.KeyTitle() + "set ylabel 'noise level σ_½'\n" +
        panels.Place(2, "σ_½ against eigenvalue λ") +
        fmt::format("set autoscale x\nset xlabel 'eigenvalue λ_k'\nset yrange [{:.4g}:{:.4g}]\n",
                    sigmas.back() / 1.2,
                    sigmas.front() * 1.2) +
        plot.Command();
  }
  return Figure{
      Draw(canvas,
           panels.Whole("path_emergence",
                        commands,
                        plot,
                        {{"emergence_steps.csv", run.emergence_steps},
                         {"path_emergence.csv", run.emergence}})),
      fmt::format("What of the final image is there in the estimates D(x_t) along {} paths of {} "
                  "({}), solid; Wiener's dashed. Energy of an exact linear flow halves at √λ; its "
                  "correlation is 1 throughout, for modes are only scaled.",
                  run.Whole("deep"),
                  run.subject,
                  run.Process())};
}

struct StepCurve {
  std::string process, column, style, words;
};

Plot StepPlot(const std::vector<StepCurve>& curves) {
  Plot plot;
  for (const StepCurve& curve : curves)
    plot.Add(fmt::format("'steps.csv' using \"state\":{} with lines {}",
                         Chosen(curve.column, {{"process", 0, curve.process}}),
                         curve.style),
             curve.words);
  plot.Add("NaN");
  return plot;
}

std::optional<Figure> StepsFigure(const SampleRun& run, const Canvas& canvas) {
  const NumberRows rows = NumberRows(run.steps).Where("process", "deep");
  if (rows.Count() < 3) return std::nullopt;
  const std::string deep = fmt::format("lw 1.8 lc rgb '{}'", kDeepColour);
  const std::string linear = fmt::format("lw 1.8 lc rgb '{}'", kLinearColour);
  const std::string data = "lw 1.2 dt (5,4) " + Rgb(kGrey50);
  const Panels panels(canvas, 3, {}, {540, 550, 115});
  std::string places;
  for (const std::size_t i : EvenChoice(rows.Count(), 6))
    places += fmt::format("{}'{}' {}",
                          places.empty() ? "" : ", ",
                          (i == 0 ? "σ = " : "") + SigmaText(rows.At(i, "sigma")),
                          rows.At(i, "state"));
  const auto place = [&](std::size_t i, const std::string& title, const char* corner) {
    return panels.Place(i, title) + fmt::format("set key {} samplen 1.5 font ',13'\n", corner);
  };
  const Plot change =
      StepPlot({{"deep", "change", deep, "denoiser"}, {"linear", "change", linear, "Wiener"}});
  const std::string commands =
      fmt::format(
          "set xrange [0:{0}]\nset x2range [0:{0}]\nset xlabel 'state'\nset x2tics ({1}) font "
          "',12' offset 0,-0.4\nset title offset 0,0.3\n"
          "set yrange [0:1.04]\nset ylabel 'mean |cos|'\n",
          rows.Count() - 1,
          places) +
      place(0, "where the states point", "at graph 0.02, graph 0.98 top left Left reverse") +
      StepPlot({{"deep", "cosine", deep, "x − m and u_0"},
                {"deep", "mean_cosine", deep + " dt (2,3)", "x and m"},
                {"linear", "cosine", linear, "x − m and u_0, Wiener"},
                {"linear", "mean_cosine", linear + " dt (2,3)", "x and m, Wiener"}})
          .Command() +
      "set logscale y\nset autoscale y\nset format y '%g'\nset ylabel 'directions'\n" +
      place(1, "diversity (tr C)²/tr C²", "at graph 0.02, graph 0.02 bottom left Left reverse") +
      StepPlot({{"deep", "diversity", deep, "states"},
                {"linear", "diversity", linear, "Wiener"},
                {"deep", "diversity_expected", data, "noisy data of this level"}})
          .Command() +
      "set ylabel 'relative change'\n" +
      place(2,
            "change of the estimate, |D_t − D_t'|/|D_t|",
            "at graph 0.5, graph 0.02 bottom center Left reverse") +
      change.Command();
  return Figure{Draw(canvas, panels.Whole("steps", commands, change, {{"steps.csv", run.steps}})),
                fmt::format("Along {} paths of {} ({}): mean |cos| of the states to the leading "
                            "principal component and to the mean image; how many directions they "
                            "fill; how far the estimate moves from one kept state to the next. "
                            "Noise levels above; 0: the images.",
                            run.Whole("deep"),
                            run.subject,
                            run.Process())};
}

std::optional<Figure> FixedPointsSheet(const SampleRun& run, const Canvas& canvas) {
  const Trajectories& paths = run.paths;
  if (paths.fixed.eigenvector.cols() == 0) return std::nullopt;
  const Shape shape = ImageShapeOf(paths.deep);
  const auto columns = static_cast<Index>(Columns(canvas, shape, 14));
  TileRow vectors = {"v_0 of J", {}};
  for (Index b = 0; b < std::min(columns, paths.deep.Samples()); ++b)
    vectors.pictures.push_back(VectorPicture(paths.fixed.eigenvector.col(b), shape));
  return Figure{
      DrawRows(
          canvas, "fixed_points", {{"images", Images(paths.deep, 0, columns)}, vectors}, {}, shape),
      fmt::format("Where {} ends, and the leading eigenvector of sym(J) there, each "
                  "scaled by its own largest entry.",
                  run.Process())};
}

}  // namespace

std::vector<Figure> SampleFigures(const RunFolder& run, const Canvas& canvas) {
  const SampleRun contents = ReadSampleRun(run);
  std::vector<Figure> figures;
  for (const auto& make :
       {SamplesSheet, PathsSheet, EmergenceAlongPaths, StepsFigure, FixedPointsSheet})
    if (std::optional<Figure> figure = make(contents, canvas))
      figures.push_back(std::move(*figure));
  if (std::filesystem::exists(run.Path() /
                              kSweepSummary.file))  // states whose Jacobians were analysed
    for (Figure& figure : SweepFigures(run, canvas)) figures.push_back(std::move(figure));
  return figures;
}

}  // namespace denoscope
