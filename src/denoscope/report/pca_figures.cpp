#include "denoscope/report/pca_figures.h"

#include <algorithm>
#include <cmath>

#include "denoscope/image/png.h"
#include "denoscope/report/gnuplot.h"
#include "denoscope/report/panels.h"
#include "denoscope/report/pca_aligning_figures.h"
#include "denoscope/report/pca_alignment_figures.h"
#include "denoscope/report/run_contents.h"
#include "denoscope/report/tiles.h"

namespace denoscope {
namespace {

constexpr double kNullVariance = 1e-6;  // of lambda_0: not drawn

// A line a fit over its own range.
std::string LawPlots(const NumberRows& laws) {
  std::string plots;
  const char* colours[] = {"#d55e00", "#cc79a7", "#606060"};
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

Figure SpectrumFigure(const PcaRun& run, const std::filesystem::path& folder) {
  const NumberRows rows(run.spectrum), laws(run.power_law);
  const double top = rows.At(0, "lambda");
  double last = 1, low = top;
  for (std::size_t k = 0; k < rows.Count(); ++k)
    if (const double lambda = rows.At(k, "lambda"); lambda > kNullVariance * top) {
      last = static_cast<double>(k) + 1;
      low = lambda;
    }
  const std::string commands = fmt::format(
      R"(set datafile columnheaders
set multiplot
set bmargin at screen 0.125
set tmargin at screen 0.91
set lmargin at screen 0.075
set rmargin at screen 0.49
set logscale xy
set format xy '%g'
set xrange [0.9:{0}]
set yrange [{1:.4g}:{2:.4g}]
set xlabel 'index k + 1'
set ylabel 'eigenvalue λ_k'
set title {3} font ',16'
set key bottom left Left reverse title 'fits a (k + 1)^{{-b}}'
plot 'spectrum.csv' using (column("k") + 1):(column("measured") == 1 ? column("lambda") : NaN) with points pt 7 ps 0.6 lc rgb '#0072b2' title 'measured', \
  'spectrum.csv' using (column("k") + 1):(column("measured") == 0 ? column("lambda") : NaN) with points pt 6 ps 0.5 lc rgb '#909090' title '{4}'{5}
unset logscale y
set key top right Left reverse notitle
set lmargin at screen 0.575
set rmargin at screen 0.985
set xrange [0.9:{6}]
set yrange [0:*]
set ylabel 'mean frequency f of u_k (cycles per image)'
unset title
plot 'spectrum.csv' using (column("k") + 1):"frequency" with points pt 7 ps 1 lc rgb '#0072b2'
unset multiplot
)",
      last * 1.1,
      low / 1.5,
      top * 1.5,
      Quoted(fmt::format("{}: {} images, d = {}", run.data, run.reference.n, run.Size())),
      rows.Where("measured", 0).Empty() ? "" : "completed",
      LawPlots(laws),
      static_cast<double>(run.modes) * 1.1);
  return {Draw(folder, {"spectrum", 1700, 780, commands, {{"spectrum.csv", run.spectrum}}}),
          fmt::format("Eigenvalues of the centred covariance of {} images of {}, d = {}, with "
                      "power laws "
                      "fitted to ranges of modes; +-: block bootstrap of the residuals, how far b "
                      "depends on the range. Right: frequency of the leading {} modes.",
                      run.reference.n,
                      run.data,
                      run.Size(),
                      run.modes)};
}

Figure BasisSheet(const PcaRun& run, const std::filesystem::path& folder) {
  TileGrid grid = MakeTileGrid(run.reference.image_shape, 46);
  grid.left = kSheetMargin;
  const auto count = static_cast<std::size_t>(std::min<std::int64_t>(run.modes, 48));
  const std::size_t columns = ColumnsThatFit(grid, std::min<std::size_t>(count, 12));
  const std::size_t lines = (count + columns - 1) / columns;
  cv::Mat sheet(2 * kSheetMargin + static_cast<int>(lines) * grid.RowHeight(),
                grid.Left(columns) - kTileGap + kSheetMargin,
                CV_8UC3,
                cv::Scalar::all(255));
  for (std::size_t k = 0; k < count; ++k) {
    const auto mode = static_cast<Eigen::Index>(k);
    const int x = grid.Left(k % columns), centre = x + grid.tile_width / 2;
    const int y = kSheetMargin + static_cast<int>(k / columns) * grid.RowHeight();
    const Eigen::VectorXf vector = run.reference.basis.col(mode);
    PlaceTile(sheet, VectorPicture(vector, run.reference.image_shape), grid, {x, y});
    const int text = y + grid.tile_height + 17;
    WriteText(sheet,
              fmt::format("{}: {:.3g}", k, run.reference.lambda[mode]),
              {centre, text},
              0.48,
              TextAnchor::kCentre);
    WriteText(sheet,
              fmt::format("f {:.2f}", run.reference.frequency[mode]),
              {centre, text + 19},
              0.44,
              TextAnchor::kCentre);
  }
  const std::filesystem::path path = folder / "basis.png";
  WritePng(path, sheet);
  return {path,
          fmt::format("The leading {} principal components u_k of {} images, with k: lambda_k and "
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

Figure WienerFigure(const PcaRun& run, const std::filesystem::path& folder) {
  const NumberRows rows = NumberRows(run.theory).Where("n", run.n.front());
  const std::vector<double> modes = rows.Distinct("k");
  std::string gains;
  for (std::size_t i = 0; i < modes.size(); ++i)
    gains += fmt::format(
        "  'wiener_gains.csv' using \"sigma\":\"gain_{0}\" with lines lw 1.5 lc rgb '{1}' title "
        "'k = {0}', \\\n",
        modes[i],
        OrderedColour(i, modes.size()));
  const std::string commands =
      "set datafile columnheaders\nset multiplot\nset bmargin at screen 0.125\n"
      "set tmargin at screen 0.94\nset lmargin at screen 0.07\nset rmargin at screen 0.47\n" +
      SigmaAxis(run.sigmas.front(), run.sigmas.back()) +
      fmt::format(R"(set ylabel 'Wiener gain λ_k/(λ_k + σ²)'
set yrange [0:1.02]
set key bottom left Left reverse
plot \
{0}  NaN
set lmargin at screen 0.575
set rmargin at screen 0.985
set logscale y
set format y '%g'
set yrange [*:*]
set ylabel 'mean squared error per pixel'
set key bottom right Left reverse
plot 'wiener.csv' using "sigma":"noisy_mse" with lines lw 1.2 lc rgb '#808080' title 'noisy image, σ²', \
  'wiener.csv' using "sigma":"projection_mse" with lines dt (7,4) lw 1.4 lc rgb '#009e73' title 'best projection on r modes', \
  'wiener.csv' using "sigma":"wiener_mse" with lines lw 1.5 lc rgb '#d55e00' title 'Wiener, σ² tr J / d', \
  'wiener.csv' using "sigma":"held_out_mse":"held_out_mse_error" with yerrorbars pt 7 ps 1.1 lw 0.9 lc rgb '#d55e00' title 'measured on other images'
unset multiplot
)",
                  gains);
  return {Draw(folder,
               {"wiener",
                1700,
                780,
                commands,
                {{"wiener.csv", run.wiener}, {"wiener_gains.csv", WideGains(rows, modes)}}}),
          fmt::format("Left: gain of Wiener's denoiser by mode; half at sigma = sqrt(lambda_k). "
                      "Right: error expected from the reference's spectrum (lines) and measured on "
                      "{} other images, averaged over noise exactly, with standard errors (smaller "
                      "than the points). The projection keeps the r modes of lambda > sigma^2.",
                      run.sample_images)};
}

}  // namespace

std::vector<Figure> PcaFigures(const RunFolder& folder_of_run,
                               const std::filesystem::path& folder) {
  const PcaRun run = ReadPcaRun(folder_of_run);
  std::vector<Figure> figures = {SpectrumFigure(run, folder),
                                 BasisSheet(run, folder),
                                 WienerFigure(run, folder),
                                 SinesFigure(run, folder)};
  for (Figure& figure : TheoriesFigures(run, folder)) figures.push_back(std::move(figure));
  for (const auto& make :
       {SubspacesFigure, AboveEdgeFigure, AligningByVarianceFigure, AligningByFrequencyFigure})
    figures.push_back(make(run, folder));
  return figures;
}

}  // namespace denoscope
