#include "denoscope/report/sweep/band_gain.h"

#include <algorithm>
#include <cmath>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// Mean over the cells of each level, (levels, groups * bands); empty when no cell has gains.
MatrixXd MeanBandGain(const std::vector<Level>& levels, Spectrum Cell::*which) {
  MatrixXd gains;
  for (std::size_t s = 0; s < levels.size(); ++s) {
    for (const Cell* cell : levels[s].cells) {
      const Eigen::VectorXd& gain = (cell->*which).band_gain;
      if (gain.size() == 0) return {};
      if (gains.size() == 0) gains.setZero(static_cast<Index>(levels.size()), gain.size());
      gains.row(static_cast<Index>(s)) +=
          gain.transpose() / static_cast<double>(levels[s].cells.size());
    }
  }
  return gains;
}

struct Maps {
  std::vector<Level> levels;
  std::vector<std::pair<std::string, MatrixXd>> denoisers;  // column name, gains
  std::vector<std::string> groups;                          // "" or luma, chroma
  Eigen::VectorXd centre;
};

Maps MakeMaps(const RunContents& run) {
  Maps maps = {Levels(run.cells), {}, {""}, run.reference.band_centre};
  if (run.reference.band_groups == 2) maps.groups = {"luma", "chroma"};
  const auto columns = static_cast<Index>(maps.groups.size()) * maps.centre.size();
  for (const auto& [name, which] :
       {std::pair{"deep", &Cell::deep}, std::pair{"linear", &Cell::linear}})
    if (MatrixXd gains = MeanBandGain(maps.levels, which); gains.size() > 0) {
      if (gains.cols() != columns)
        throw Error("run: band_gain of {} has {} values, expected {} groups of {} bands",
                    name,
                    gains.cols(),
                    maps.groups.size(),
                    maps.centre.size());
      maps.denoisers.emplace_back(name, std::move(gains));
    }
  return maps;
}

std::string ColumnName(const std::string& denoiser, const std::string& group) {
  return group.empty() ? denoiser : denoiser + "_" + group;
}

Table BandTable(const Maps& maps) {
  Table table = {{"sigma_position", "sigma", "band", "frequency"}, {}};
  for (const std::string& group : maps.groups)
    for (const auto& [name, gains] : maps.denoisers)
      table.columns.push_back(ColumnName(name, group));
  for (std::size_t s = 0; s < maps.levels.size(); ++s)
    for (Index band = 0; band < maps.centre.size(); ++band) {
      std::vector<std::string> row = {std::to_string(s),
                                      NumberText(maps.levels[s].sigma),
                                      std::to_string(band),
                                      NumberText(maps.centre[band])};
      for (std::size_t group = 0; group < maps.groups.size(); ++group)
        for (const auto& [name, gains] : maps.denoisers)
          row.push_back(NumberText(
              gains(static_cast<Index>(s), static_cast<Index>(group) * maps.centre.size() + band)));
      table.rows.push_back(std::move(row));
    }
  return table;
}

// Every so many positions, so that labels keep clear of each other.
std::string Tics(const Maps& maps) {
  const std::size_t every = (maps.levels.size() + 6) / 7;
  std::string x;
  for (std::size_t s = 0; s < maps.levels.size(); s += every)
    x += fmt::format("{}'{:.2g}' {}", x.empty() ? "" : ", ", maps.levels[s].sigma, s);
  return "set xtics (" + x + ")\n";
}

std::string BandTics(const Maps& maps, bool labelled) {
  std::string y;
  for (Index band = 0; band < maps.centre.size(); ++band)
    if (band == 0 || band % 3 == 1)
      y += fmt::format("{}'{}' {}",
                       y.empty() ? "" : ", ",
                       labelled ? fmt::format("{:.2g}", maps.centre[band]) : "",
                       band);
  return "set ytics (" + y + ")\n";
}

// Of panels, in pixels: the groups below each other; all of them where the canvas is narrow.
struct Layout {
  static constexpr double kLeft = 125, kRight = 190, kTop = 60, kBottom = 100;
  static constexpr double kAcross = 50, kDown = 90;
  double panel = 580;  // width and height
  std::size_t rows, columns;

  Layout(const Canvas& canvas, std::size_t groups, std::size_t denoisers)
      : rows(groups), columns(denoisers) {
    constexpr double kLeast = 300;
    if (!canvas.OnPaper()) return;
    panel = Fitting(canvas);
    if (panel >= kLeast) return;
    rows = groups * denoisers;
    columns = 1;
    panel = Fitting(canvas);
  }
  double Width() const { return kLeft + Columns() * panel + (Columns() - 1) * kAcross + kRight; }
  double Height() const {
    const auto count = static_cast<double>(rows);
    return kTop + count * panel + (count - 1) * kDown + kBottom;
  }

  std::string Margins(std::size_t row, std::size_t column) const {
    const double left = kLeft + static_cast<double>(column) * (panel + kAcross);
    const double top = kTop + static_cast<double>(row) * (panel + kDown);
    return fmt::format(R"(set lmargin at screen {:.4f}
set rmargin at screen {:.4f}
set tmargin at screen {:.4f}
set bmargin at screen {:.4f}
)",
                       left / Width(),
                       (left + panel) / Width(),
                       1 - top / Height(),
                       1 - (top + panel) / Height());
  }
  std::string ColourBar() const {
    const double bar = std::min(2 * panel, Height() - kTop - kBottom);
    return fmt::format("set colorbox user origin {:.4f},{:.4f} size {:.4f},{:.4f}\n",
                       1 - (kRight - 32) / Width(),
                       1 - (kTop + bar) / Height(),
                       24 / Width(),
                       bar / Height());
  }

 private:
  double Columns() const { return static_cast<double>(columns); }
  double Fitting(const Canvas& canvas) const {
    return (canvas.Width() - kLeft - kRight - (Columns() - 1) * kAcross) / Columns();
  }
};

std::string PanelCommands(const Maps& maps, const Layout& layout, std::size_t panel) {
  const std::size_t row = panel / layout.columns, column = panel % layout.columns;
  const std::string& group = maps.groups[panel / maps.denoisers.size()];
  const std::string& name = maps.denoisers[panel % maps.denoisers.size()].first;
  return layout.Margins(row, column) + BandTics(maps, column == 0) +
         fmt::format(R"(set title '{}' offset 0,-0.6
set xlabel '{}'
set ylabel '{}'
plot 'band_gain.csv' using "sigma_position":"band":(0.5):(0.5):"{}" with boxxyerror lc palette fs solid 1 border
unset colorbox
)",
                     (name == "deep" ? "denoiser" : "Wiener") + (group.empty() ? "" : ", " + group),
                     row + 1 == layout.rows ? "noise level σ (pixels in [0,1])" : "",
                     column == 0 ? "frequency (cycles per image)" : "",
                     ColumnName(name, group));
}

double LargestGain(const Maps& maps) {
  double largest = 1;
  for (const auto& [name, gains] : maps.denoisers)
    for (const double gain : gains.reshaped())
      if (std::isfinite(gain)) largest = std::max(largest, gain);
  return largest;
}

bool AnyBelowZero(const Maps& maps) {
  constexpr double kVisible = -0.005;  // a step of the colour bar
  for (const auto& [name, gains] : maps.denoisers)
    for (const double gain : gains.reshaped())
      if (gain < kVisible) return true;
  return false;
}

}  // namespace

std::optional<Figure> BandGainFigure(const RunContents& run, const Canvas& canvas) {
  const Maps maps = MakeMaps(run);
  if (maps.denoisers.empty()) return std::nullopt;
  const Layout layout(canvas, maps.groups.size(), maps.denoisers.size());
  std::string commands = ViridisForGnuplot() + Tics(maps) + layout.ColourBar() +
                         fmt::format(R"(unset grid
unset key
set border 15
set cbrange [0:{:.3g}]
set cblabel 'mean bᵀJb' offset 0.5,0
set xrange [-0.5:{}]
set yrange [-0.5:{}]
set multiplot
)",
                                     LargestGain(maps),
                                     static_cast<double>(maps.levels.size()) - 0.5,
                                     static_cast<double>(maps.centre.size()) - 0.5);
  for (std::size_t panel = 0; panel < layout.rows * layout.columns; ++panel)
    commands += PanelCommands(maps, layout, panel);
  commands += "unset multiplot\n";
  return Figure{
      Draw(canvas,
           {"band_gain",
            layout.Width(),
            layout.Height(),
            commands,
            {{"band_gain.csv", BandTable(maps)}}}),
      fmt::format("Gain bᵀJb of the Jacobian, mean over the DCT vectors b of a band of frequency "
                  "(the constant image is a band of its own, at 0) and over {}, by noise "
                  "level{}.",
                  Counted(Images(run.cells).size(), "image"),
                  AnyBelowZero(maps) ? "; gains below 0 are shown as 0" : "")};
}

}  // namespace denoscope
