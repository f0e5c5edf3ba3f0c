#include "denoscope/report/pca/pca_figures.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "denoscope/report/pca/pca_aligning_figures.h"
#include "denoscope/report/pca/pca_alignment_figures.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/tiles.h"

namespace denoscope {
namespace {

constexpr double kNullVariance = 1e-6;  // of lambda_0: not drawn

// A line a fit over its own range.
std::string LawPlots(const NumberRows& laws) {
  std::string plots;
  const char* colours[] = {kVermillion, kPurple, kGrey38};
  for (std::size_t i = 0; i < laws.Count(); ++i) {
    const double first = laws.At(i, "first_mode") + 1, last = laws.At(i, "last_mode") + 1;
    plots += fmt::format(
        ", \\\n  [{0}:{1}] {2:.6g}*x**(-{3:.6g}) with lines lw 1.6 {4} lc rgb '{5}' title 'modes "
        "{6}–{7}: b = {3:.2f} ± {8:.2f}'",
        first,
        last,
        laws.At(i, "amplitude"),
        laws.At(i, "exponent"),
        i == 2 ? "dt (7,4)" : "",
        colours[std::min<std::size_t>(i, 2)],
        first - 1,
        last - 1,
        laws.At(i, "exponent_error"));
  }
  return plots;
}

Figure SpectrumFigure(const PcaRun& run, const Canvas& canvas) {
  const NumberRows rows(run.spectrum), laws(run.power_law);
  const double top = rows.At(0, "lambda");
  double last = 1, low = top;
  for (std::size_t k = 0; k < rows.Count(); ++k)
    if (const double lambda = rows.At(k, "lambda"); lambda > kNullVariance * top) {
      last = static_cast<double>(k) + 1;
      low = lambda;
    }
  Plot frequency;
  frequency.Add("'spectrum.csv' using (column(\"k\") + 1):\"frequency\" with points pt 7 ps 1 " +
                Rgb(kBlue));
  const Panels panels(canvas, 2, {});
  const std::string commands = fmt::format(
      R"(set logscale xy
set format x '%g'
set format y '10^{{%T}}'
set xrange [0.9:{0}]
set yrange [{1:.4g}:{2:.4g}]
set xlabel 'index k + 1'
set ylabel 'eigenvalue λ_k'
{3}{8}set key title 'fits a (k + 1)^{{-b}}'
plot 'spectrum.csv' using (column("k") + 1):(column("measured") == 1 ? column("lambda") : NaN) with points pt 7 ps 0.6 )" +
          Rgb(kBlue) + R"( title 'measured', \
  'spectrum.csv' using (column("k") + 1):(column("measured") == 0 ? column("lambda") : NaN) with points pt 6 ps 0.5 )" +
          Rgb(kGrey56) + R"( title '{4}'{5}
unset logscale y
set format y '%g'
set xrange [0.9:{6}]
set yrange [0:*]
{7}set ylabel 'cycles per image'
unset key
plot {9})",
      last * 1.1,
      low / 1.5,
      top * 1.5,
      panels.Place(0, fmt::format("{}: {} images, d = {}", run.data, run.reference.n, run.Size())),
      rows.Where("measured", 0).Empty() ? "" : "completed",
      LawPlots(laws),
      static_cast<double>(run.modes) * 1.1,
      panels.Place(1, "mean frequency f of u_k"),
      panels.Inside("bottom left"),
      frequency.Curves());
  return {
      Draw(canvas, panels.Whole("spectrum", commands, frequency, {{"spectrum.csv", run.spectrum}})),
      fmt::format("Eigenvalues of the centred covariance of {} images of {}, d = {}, with "
                  "power laws "
                  "fitted to ranges of modes; +-: block bootstrap of the residuals, how far b "
                  "depends on the range. Right: frequency of the leading {} modes.",
                  run.reference.n,
                  run.data,
                  run.Size(),
                  run.modes)};
}

Figure BasisSheet(const PcaRun& run, const Canvas& canvas) {
  TileGrid grid = MakeTileGrid(canvas, run.reference.image_shape, 3);
  grid.left = kSheetMargin;
  const auto count = static_cast<std::size_t>(std::min<std::int64_t>(run.modes, 48));
  const std::size_t columns = ColumnsThatFit(canvas, grid, std::min<std::size_t>(count, 12));
  const std::size_t rows = (count + columns - 1) / columns;
  Sheet sheet(canvas,
              grid.Left(columns) - kTileGap + kSheetMargin,
              2 * kSheetMargin + static_cast<double>(rows) * grid.RowHeight());
  for (std::size_t k = 0; k < count; ++k) {
    const auto mode = static_cast<Eigen::Index>(k);
    const double y = kSheetMargin + static_cast<double>(k / columns) * grid.RowHeight();
    const Eigen::VectorXf vector = run.reference.basis.col(mode);
    sheet.Tile(VectorPicture(vector, run.reference.image_shape), grid, grid.Left(k % columns), y);
    double line = y + grid.tile_height + kSheetLine / 2;
    for (const std::string& text : {fmt::format("k = {}", k),
                                    "λ " + TileNumber(run.reference.lambda[mode], 2),
                                    "f " + TileNumber(run.reference.frequency[mode], 2)}) {
      sheet.Centre(text, grid.Centre(k % columns), line);
      line += kSheetLine - 2;
    }
  }
  return {sheet.Write("basis"),
          fmt::format("The leading {} principal components u_k of {} images, with lambda_k and "
                      "frequency f in cycles per image. Blue and red: opposite signs, each scaled "
                      "by its largest entry.",
                      count,
                      run.reference.n)};
}

Table WideGains(const NumberRows& rows, const std::vector<double>& modes) {
  Table table = {{"sigma"}, {}};
  for (const double sigma : rows.Where("k", modes.front()).Values("sigma"))
    table.rows.push_back({NumberText(sigma)});
  for (const double k : modes) {
    table.columns.push_back(fmt::format("gain_{}", k));
    const NumberRows of_k = rows.Where("k", k);
    for (std::size_t s = 0; s < of_k.Count(); ++s)
      table.rows[s].push_back(of_k.Text(s, "wiener_gain"));
  }
  return table;
}

Figure WienerFigure(const PcaRun& run, const Canvas& canvas) {
  const NumberRows rows = NumberRows(run.theory).Where("n", run.n.front());
  const std::vector<double> modes = rows.Distinct("k");
  Plot gains, errors;
  for (std::size_t i = 0; i < modes.size(); ++i)
    gains.Add(
        fmt::format("'wiener_gains.csv' using \"sigma\":\"gain_{}\" with lines lw 1.5 lc rgb '{}'",
                    modes[i],
                    OrderedColour(i, modes.size())),
        fmt::format("k = {}", modes[i]));
  gains.Add("NaN");
  for (const auto& [values, style, words] :
       {std::tuple{"\"noisy_mse\"", "lines lw 1.2 " + Rgb(kGrey50), "noisy image, σ²"},
        std::tuple{"\"projection_mse\"",
                   "lines dt (7,4) lw 1.4 " + Rgb(kGreen),
                   "best projection on r modes"},
        std::tuple{"\"wiener_mse\"", "lines lw 1.5 " + Rgb(kVermillion), "Wiener, σ² tr J / d"},
        std::tuple{"\"held_out_mse\":\"held_out_mse_error\"",
                   "yerrorbars pt 7 ps 1.1 lw 0.9 " + Rgb(kVermillion),
                   "measured on other images"}})
    errors.Add(fmt::format("'wiener.csv' using \"sigma\":{} with {}", values, style), words);
  const Panels panels(canvas, 2, {});
  const std::string commands =
      SigmaAxis(run.sigmas.front(), run.sigmas.back()) +
      fmt::format(R"(set ylabel 'λ_k/(λ_k + σ²)'
set yrange [0:1.02]
{1}{0}set logscale y
set format y '10^{{%T}}'
set yrange [*:*]
{2}set ylabel 'MSE'
plot {3})",
                  gains.Command(),
                  panels.Place(0, "Wiener gain by mode") + panels.Inside("bottom left"),
                  panels.Place(1, "mean squared error per pixel") + panels.Inside("top left"),
                  errors.Curves());
  return {Draw(canvas,
               panels.Whole(
                   "wiener",
                   commands,
                   errors,
                   {{"wiener.csv", run.wiener}, {"wiener_gains.csv", WideGains(rows, modes)}})),
          fmt::format("Left: gain of Wiener's denoiser by mode; half at sigma = sqrt(lambda_k). "
                      "Right: error expected from the reference's spectrum (lines) and measured on "
                      "{} other images, averaged over noise exactly, with standard errors (smaller "
                      "than the points). The projection keeps the r modes of lambda > sigma^2.",
                      run.sample_images)};
}

}  // namespace

std::vector<Figure> PcaFigures(const RunFolder& folder_of_run, const Canvas& canvas) {
  const PcaRun run = ReadPcaRun(folder_of_run);
  std::vector<Figure> figures = {SpectrumFigure(run, canvas),
                                 BasisSheet(run, canvas),
                                 WienerFigure(run, canvas),
                                 SinesFigure(run, canvas)};
  for (Figure& figure : TheoriesFigures(run, canvas)) figures.push_back(std::move(figure));
  for (const auto& make :
       {SubspacesFigure, AboveEdgeFigure, AligningByVarianceFigure, AligningByFrequencyFigure})
    figures.push_back(make(run, canvas));
  return figures;
}

}  // namespace denoscope
