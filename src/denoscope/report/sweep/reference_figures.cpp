#include "denoscope/report/sweep/reference_figures.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/tiles.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

struct Shown {
  std::string name, words;
  const MatrixXd *resolved, *gain;  // (S,m)
};

std::vector<Shown> Denoisers(const Emergence& e) {
  std::vector<Shown> shown = {{"deep", "the denoiser", &e.resolved, &e.gain},
                              {"linear", "Wiener", &e.linear_resolved, &e.linear_gain}};
  for (const NullCurves& null : e.nulls)
    shown.push_back({null.name,
                     null.name == "shuffled"    ? "its weights shuffled"
                     : null.name == "empirical" ? "the memorising optimum"
                                                : null.name,
                     &null.resolved,
                     &null.gain});
  return shown;
}

std::vector<Index> ChosenModes(Index m) {
  std::vector<Index> modes;
  for (const Index k : {0, 5, 20, 50, 100, 200})
    if (k < m) modes.push_back(k);
  return modes;
}

Table CurveTable(const Emergence& e,
                 const std::vector<Shown>& shown,
                 const std::vector<Index>& modes) {
  Table table = {{"sigma"}, {}};
  for (const Shown& one : shown)
    for (const char* what : {"resolved", "gain"})
      for (const Index k : modes)
        table.columns.push_back(fmt::format("{}_{}_{}", one.name, what, k));
  for (Index s = 0; s < e.sigmas.size(); ++s) {
    std::vector<double> row = {e.sigmas[s]};
    for (const Shown& one : shown)
      for (const MatrixXd* values : {one.resolved, one.gain})
        for (const Index k : modes) row.push_back((*values)(s, k));
    AddRow(table, row);
  }
  return table;
}

std::string Title(const Emergence& e, const Shown& shown) {
  const auto s = StatisticsOf(e, shown.name, "resolved");
  if (!s || s->modes < 3) return shown.words + "\\n{/*0.9 no level to name}";
  return fmt::format("{}\\n{{/*0.9 {} of {} modes halve, slope {:.2f}, spread {:.2f}}}",
                     shown.words,
                     s->modes,
                     s->modes + s->censored,
                     s->slope.value,
                     s->spread.value);
}

// Of one image, a row a mode of the smallest noise level and a column a level.
struct Tracks {
  std::vector<const Cell*> levels;           // ascending
  std::vector<std::vector<Index>> followed;  // by mode and level; shorter where it is lost
};

Tracks FirstTracks(const RunContents& run, std::size_t most) {
  Tracks tracks;
  for (const Cell& cell : run.cells)
    if (cell.image == run.cells[0].image && cell.draw == run.cells[0].draw)
      tracks.levels.push_back(&cell);
  std::sort(tracks.levels.begin(), tracks.levels.end(), [](const Cell* a, const Cell* b) {
    return a->sigma < b->sigma;
  });
  const NumberRows rows = NumberRows(run.tracks)
                              .Where("image", static_cast<double>(run.cells[0].image))
                              .Where("draw", static_cast<double>(run.cells[0].draw));
  for (const double mode : rows.Distinct("mode")) {
    if (tracks.followed.size() == most) break;
    tracks.followed.emplace_back();
    for (const double k : rows.Where("mode", mode).Values("k"))
      tracks.followed.back().push_back(static_cast<Index>(k));
  }
  return tracks;
}

}  // namespace

std::optional<Figure> ReferencesFigure(const RunContents& run, const Canvas& canvas) {
  if (!run.emergence || run.emergence->nulls.empty() || run.emergence->sigmas.size() < 3 ||
      run.emergence->resolved.size() == 0)
    return std::nullopt;
  const Emergence& e = *run.emergence;
  const std::vector<Shown> shown = Denoisers(e);
  const std::vector<Index> modes = ChosenModes(e.lambda.size());
  const Panels panels(canvas, shown.size(), {9, "mode k"}, {450, 330, 80});
  std::string commands = "set datafile missing NaN\n" +
                         SigmaAxis(e.sigmas.minCoeff(), e.sigmas.maxCoeff()) +
                         "set yrange [-0.55:1.1]\nset ylabel 'R_k, gain'\n" + panels.KeyTitle();
  Plot plot;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    plot = Plot();
    for (const char* what : {"gain", "resolved"})
      for (std::size_t j = 0; j < modes.size(); ++j)
        plot.Add(
            fmt::format("'references.csv' using \"sigma\":\"{}_{}_{}\" with lines lc rgb '{}' {}",
                        shown[i].name,
                        what,
                        modes[j],
                        OrderedColour(j, modes.size()),
                        *what == 'g' ? "lw 1.1 dt (4,4)" : "lw 1.8"),
            *what == 'g' ? "" : fmt::format("{}", modes[j]));
    plot.Add("NaN with lines " + Rgb(kGrey25) + " lw 1.8", "R_k");
    plot.Add("NaN with lines " + Rgb(kGrey25) + " lw 1.1 dt (4,4)", "gain");
    plot.Add("0.5 with lines " + Rgb(kGrey38) + " lw 0.5");
    commands += panels.Place(i, "") + "set title \"" + Title(e, shown[i]) + "\"\n" + plot.Command();
  }
  return Figure{
      Draw(canvas,
           panels.Whole(
               "references", commands, plot, {{"references.csv", CurveTable(e, shown, modes)}})),
      "Resolved variance R_k (solid) and mean gain u_k'Ju_k (dashed) by noise level, of the "
      "denoiser "
      "and of what it is measured against. R_k alone falls to 1/2 for the identity too, where its "
      "error sigma^2 is half of lambda_k, while its gain is 1 everywhere: emergence is both "
      "together. Below -0.55 curves are cut off."};
}

std::optional<Figure> TrackedSheet(const RunContents& run, const Canvas& canvas) {
  if (run.cells.empty() || run.tracks.rows.empty()) return std::nullopt;
  const Tracks tracks = FirstTracks(run, 10);
  if (tracks.levels.size() < 2) return std::nullopt;
  const TileGrid grid = MakeTileGrid(canvas, run.cells[0].clean.shape, 2);
  const std::vector<std::size_t> columns =
      EvenChoice(tracks.levels.size(), ColumnsThatFit(canvas, grid, tracks.levels.size()));
  const double top = kSheetMargin + kSheetLine;
  Sheet sheet(canvas,
              grid.Left(columns.size()) - kTileGap + kSheetMargin,
              top + static_cast<double>(tracks.followed.size()) * grid.RowHeight() + kSheetMargin);
  sheet.Left("σ", kSheetMargin, kSheetMargin + 8);
  for (std::size_t c = 0; c < columns.size(); ++c)
    sheet.Centre(SigmaText(tracks.levels[columns[c]]->sigma), grid.Centre(c), kSheetMargin + 8);
  for (std::size_t r = 0; r < tracks.followed.size(); ++r) {
    const double y = top + static_cast<double>(r) * grid.RowHeight();
    sheet.Left(fmt::format("mode {}", r), kSheetMargin, y + grid.tile_height / 2);
    Eigen::VectorXf before;
    for (std::size_t c = 0; c < columns.size() && columns[c] < tracks.followed[r].size(); ++c) {
      const Index k = tracks.followed[r][columns[c]];
      const Spectrum& spectrum = tracks.levels[columns[c]]->deep;
      Eigen::VectorXf v = spectrum.eigenvectors.col(k);
      if (before.size() > 0 && v.dot(before) < 0) v = -v;
      before = v;
      sheet.Tile(VectorPicture(v, run.cells[0].clean.shape), grid, grid.Left(c), y);
      const double line = y + grid.tile_height + kSheetLine / 2;
      sheet.Centre("μ " + TileNumber(spectrum.eigenvalues[k], 2), grid.Centre(c), line);
      sheet.Centre("f " + TileNumber(spectrum.eigenvector_frequency[k], 2),
                   grid.Centre(c),
                   line + kSheetLine - 2);
    }
  }
  return Figure{sheet.Write("tracked"),
                fmt::format("Eigenvectors of sym(J) at image {}, followed from the smallest noise "
                            "level on by the best total overlap; below each its gain mu and mean "
                            "frequency f in cycles per image. A row ends where the mode is lost.",
                            run.cells[0].image)};
}

}  // namespace denoscope
