#include "denoscope/report/compare/shared_cell_figures.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/compare/comparison_plots.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/tiles.h"
#include "denoscope/report/plots/words.h"
#include "denoscope/results/compare_columns.h"
#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

using Eigen::Index;

struct SharedPictures {
  std::int64_t image = 0;
  Eigen::VectorXd sigmas;
  Array clean;
  Eigen::MatrixXd noisy;        // (S, C H W)
  Eigen::MatrixXd denoised;     // (R, S C H W)
  Eigen::MatrixXd eigenvalues;  // (R, S d)

  Array Picture(const Eigen::MatrixXd& rows, Index row, Index level) const {
    const Index d = ElementCount(clean.shape);
    const Eigen::VectorXf pixels = rows.row(row).segment(level * d, d).cast<float>();
    return Array::From<float>(clean.shape, pixels.data());
  }
};

SharedPictures ReadPictures(const Npz& npz) {
  const NpzReader reader(npz, kComparisonPictures);
  return {reader.Whole("image"),
          reader.Vector("sigma"),
          reader.Get("clean"),
          reader.Matrix("noisy"),
          reader.Matrix("denoised"),
          reader.Matrix("eigenvalues")};
}

// Lines of at most `most` characters, where there are spaces to part them at.
std::vector<std::string> Wrapped(const std::string& text, std::size_t most) {
  std::vector<std::string> lines;
  std::istringstream words(text);
  for (std::string word; words >> word;)
    if (!lines.empty() && lines.back().size() + 1 + word.size() <= most)
      lines.back() += " " + word;
    else
      lines.push_back(word);
  return lines;
}

void WriteLabel(Sheet& sheet, const std::string& label, double x, double middle) {
  const std::vector<std::string> lines = Wrapped(Shortened(label), 18);
  for (std::size_t i = 0; i < lines.size(); ++i)
    sheet.Left(Plain(lines[i]),
               x,
               middle + kSheetLine *
                            (static_cast<double>(i) - (static_cast<double>(lines.size()) - 1) / 2));
}

// Eigenvalues by log k, thinned where the axis cannot show them one by one.
Table SpectrumTable(const SharedPictures& pictures, const std::vector<std::size_t>& levels) {
  constexpr int kPoints = 160;
  const Index d = ElementCount(pictures.clean.shape);
  std::set<Index> shown;
  for (int i = 0; i <= kPoints; ++i)
    shown.insert(static_cast<Index>(std::pow(static_cast<double>(d), i / double{kPoints})) - 1);
  Table table = {{"run", "sigma", "k", "eigenvalue"}, {}};
  for (Index run = 0; run < pictures.eigenvalues.rows(); ++run)
    for (const std::size_t level : levels)
      for (const Index k : shown)
        AddRow(table,
               {static_cast<double>(run),
                pictures.sigmas[static_cast<Index>(level)],
                static_cast<double>(k),
                pictures.eigenvalues(run, static_cast<Index>(level) * d + k)});
  return table;
}

}  // namespace

std::optional<Figure> SideBySideSheet(const std::vector<RunBeside>& runs,
                                      const Comparison& comparison,
                                      const Canvas& canvas) {
  if (comparison.pictures.empty()) return std::nullopt;
  constexpr double kLabels = 215, kTop = kSheetMargin + kSheetLine;
  const SharedPictures pictures = ReadPictures(comparison.pictures);
  TileGrid grid = MakeTileGrid(canvas, pictures.clean.shape, 0);
  grid.left = kSheetMargin + grid.tile_width + kTileGap + kLabels;
  const std::vector<std::size_t> levels =
      EvenChoice(static_cast<std::size_t>(pictures.sigmas.size()),
                 ColumnsThatFit(canvas, grid, static_cast<std::size_t>(pictures.sigmas.size())));
  Sheet sheet(canvas,
              grid.Left(levels.size()) - kTileGap + kSheetMargin,
              kTop + static_cast<double>(runs.size() + 1) * grid.RowHeight() + kSheetMargin);
  const double heading = kSheetMargin + 8, label = grid.Left(0) - kLabels + 6;
  sheet.Centre("clean", kSheetMargin + grid.tile_width / 2, heading);
  sheet.Left("σ", label, heading);
  sheet.Tile(ImagePicture(pictures.clean), grid, kSheetMargin, kTop);
  for (std::size_t row = 0; row <= runs.size(); ++row) {
    const double y = kTop + static_cast<double>(row) * grid.RowHeight();
    WriteLabel(sheet, row == 0 ? "noisy" : runs[row - 1].label, label, y + grid.tile_height / 2);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const auto level = static_cast<Index>(levels[i]);
      if (row == 0) sheet.Centre(SigmaText(pictures.sigmas[level]), grid.Centre(i), heading);
      const Array picture =
          row == 0 ? pictures.Picture(pictures.noisy, level, 0)
                   : pictures.Picture(pictures.denoised, static_cast<Index>(row) - 1, level);
      sheet.Tile(ImagePicture(picture), grid, grid.Left(i), y);
    }
  }
  return Figure{sheet.Write("side_by_side"),
                fmt::format("What the denoisers make of the same noisy image {}, by rising noise "
                            "level, clipped to [0,1].",
                            pictures.image)};
}

std::optional<Figure> SideBySideSpectra(const std::vector<RunBeside>& runs,
                                        const Comparison& comparison,
                                        const Canvas& canvas) {
  if (comparison.pictures.empty()) return std::nullopt;
  constexpr const char* kFile = "compared_spectra.csv";
  const SharedPictures pictures = ReadPictures(comparison.pictures);
  const std::vector<RunStyle> styles = StylesOf(runs);
  const std::vector<std::size_t> levels =
      EvenChoice(static_cast<std::size_t>(pictures.sigmas.size()), 3);
  std::size_t widest = 0;
  for (const RunBeside& run : runs) widest = std::max(widest, Shortened(run.label).size());
  const Panels panels(canvas, levels.size(), {static_cast<int>(widest)});
  std::string commands = fmt::format(
      "set logscale x\nset xrange [1:{}]\nset yrange [{:.4g}:{:.4g}]\nset xlabel 'index k + 1'\n"
      "set ylabel 'eigenvalue μ_k of sym(J)'\n"
      "set arrow from graph 0, first 0 to graph 1, first 0 nohead " +
          Rgb(kGrey56) + " lw 0.6 back\n",
      ElementCount(pictures.clean.shape),
      std::min(0.0, pictures.eigenvalues.minCoeff()) - 0.03,
      std::max(1.0, pictures.eigenvalues.maxCoeff()) + 0.03);
  Plot plot;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double sigma = pictures.sigmas[static_cast<Index>(levels[i])];
    plot = Plot();
    for (std::size_t run = 0; run < runs.size(); ++run)
      plot.Add(fmt::format("'{}' using (column(\"k\") + 1):{} with lines lw 1.5 lc rgb '{}'",
                           kFile,
                           Chosen("eigenvalue",
                                  {{"run", static_cast<double>(run), ""}, {"sigma", sigma, ""}}),
                           styles[run].colour),
               Plain(Shortened(runs[run].label)));
    plot.Add("NaN");
    commands += panels.Place(i, "σ = " + SigmaText(sigma)) + plot.Command();
  }
  return Figure{
      Draw(canvas,
           panels.Whole(
               "compared_spectra", commands, plot, {{kFile, SpectrumTable(pictures, levels)}})),
      fmt::format("Eigenvalues of the symmetric part of each denoiser's Jacobian at the "
                  "same noisy image {}.",
                  pictures.image)};
}

}  // namespace denoscope
