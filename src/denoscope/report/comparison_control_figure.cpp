#include "denoscope/report/comparison_control_figure.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "denoscope/report/gnuplot.h"
#include "denoscope/report/panels.h"

namespace denoscope {
namespace {

std::string Signed(const std::string& text) {  // with a minus that is as wide as a plus
  std::string printed;
  for (const char c : text) printed += c == '-' ? "−" : std::string(1, c);
  return printed;
}

std::string ShortEstimate(const IntervalEstimate& e) {
  if (!std::isfinite(e.value)) return "undefined";
  if (!std::isfinite(e.low)) return Signed(fmt::format("{:.2f}", e.value));
  return Signed(fmt::format("{:.2f} ({:.2f} to {:.2f})", e.value, e.low, e.high));
}

// The key as a table under the panels: a row a run, with its correlations.
class KeyTable {
 public:
  KeyTable(const std::vector<RunBeside>& runs, const std::vector<RunStyle>& styles)
      : runs_(runs), styles_(styles) {}

  int Height() const { return kRow * (static_cast<int>(runs_.size()) + 1) + 16; }

  std::string Commands(int picture_height) const {
    std::string commands;
    int line = 0;
    const auto write = [&](int row, const std::array<std::string, 6>& cells) {
      for (std::size_t i = 0; i < cells.size(); ++i)
        commands += fmt::format("set label {} {} at screen {}, screen {:.4f} left font ',15'\n",
                                ++line,
                                cells[i],
                                kLeft[i],
                                Y(row, picture_height));
    };
    write(0,
          {"'{/:Bold run}'",
           "'{/:Bold halved}'",
           "'{/:Bold σ_½ with λ}'",
           "'{/:Bold σ_½ with f}'",
           "'{/:Bold with f, given λ}'",
           "'{/:Bold slope on log λ}'"});
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const RunBeside& run = runs_[i];
      const int row = static_cast<int>(i) + 1;
      commands += fmt::format(
          "set label {} '' at screen {}, screen {:.4f} point pt {} ps 1.2 lc rgb '{}'\n",
          ++line,
          kLeft[0] - 0.014,
          Y(row, picture_height),
          styles_[i].point,
          styles_[i].colour);
      write(row,
            {Quoted(Shortened(run.label)),
             fmt::format("'{} of {}'", run.deep.modes, run.deep.modes + run.deep.censored),
             "'" + ShortEstimate(run.deep.rank_lambda) + "'",
             "'" + ShortEstimate(run.deep.rank_frequency) + "'",
             "'" + ShortEstimate(run.deep.partial_frequency) + "'",
             "'" + ShortEstimate(run.deep.slope) + "'"});
    }
    return commands;
  }

 private:
  static constexpr int kRow = 30;  // pixels
  static constexpr std::array<double, 6> kLeft = {0.045, 0.35, 0.42, 0.555, 0.708, 0.86};

  double Y(int row, int picture_height) const {
    return (Height() - 0.5 * kRow - kRow * row) / picture_height;
  }

  const std::vector<RunBeside>& runs_;
  const std::vector<RunStyle>& styles_;
};

std::string LevelPlots(const std::vector<RunStyle>& styles, const std::string& x) {
  std::string plots;
  for (std::size_t i = 0; i < styles.size(); ++i)
    plots += fmt::format(
        ", \\\n  '{0}' using \"{1}\":{2}:{3}:{4} with yerrorbars pt 0 lw 0.35 lc rgb '{5}', \\\n"
        "  '{0}' using \"{1}\":{2} with points pt {6} ps 0.75 lc rgb '{5}'",
        kComparedHalves,
        x,
        OfRun("sigma", i),
        OfRun("sigma_low", i),
        OfRun("sigma_high", i),
        styles[i].colour,
        styles[i].point);
  return plots;
}

}  // namespace

Figure ControlFigure(const std::vector<RunBeside>& runs,
                     const Table& data,
                     const std::filesystem::path& folder) {
  constexpr int kWidth = 1700, kPanels = 720, kAxis = 112;
  const std::vector<RunStyle> styles = StylesOf(runs);
  const NumberRows rows(data);
  const KeyTable key(runs, styles);
  const int height = kPanels + kAxis + key.Height();
  const Extent lambda = ExtentOf(rows, {"lambda"}), sigma = ExtentOf(rows, {"sigma"});
  const std::vector<double> frequencies = rows.Values("frequency");
  const double most = *std::max_element(frequencies.begin(), frequencies.end());
  const std::string commands = fmt::format(
      R"(set datafile columnheaders
set multiplot
set bmargin at screen {0:.4f}
set tmargin at screen 0.94
set lmargin at screen 0.07
set rmargin at screen 0.49
{1}set format x '%g'
set logscale x
set xrange [{2:.6g}:{3:.6g}]
set yrange [{4:.6g}:{5:.6g}]
set ylabel 'σ_½ where resolved variance falls to ½'
set xlabel 'variance λ_k of mode u_k'
set title 'by variance' font ',16'
set key top left Left reverse
plot sqrt(x) with lines dt (7,4) lw 1.3 lc rgb '#404040' title 'Wiener: sqrt(λ)'{6}
{7}unset logscale x
set lmargin at screen 0.565
set rmargin at screen 0.985
set xrange [{8:.4g}:{9:.4g}]
set xlabel 'frequency f of mode u_k (cycles per image)'
set title 'by frequency' font ',16'
unset ylabel
set key top center Left reverse
plot '{11}' using "frequency":(sqrt(column("lambda"))) with points pt 7 ps 0.3 lc rgb '#707070' title 'Wiener: sqrt(λ)'{10}
unset multiplot
)",
      static_cast<double>(key.Height() + kAxis) / height,
      LogarithmicTics("y"),
      lambda.low / 1.3,
      lambda.high * 1.3,
      sigma.low / 1.2,
      sigma.high * 1.2,
      LevelPlots(styles, "lambda"),
      key.Commands(height),
      -0.02 * most,
      1.02 * most,
      LevelPlots(styles, "frequency"),
      kComparedHalves);
  return {Draw(folder, {"control", kWidth, height, commands, {{kComparedHalves, data}}}),
          std::string("The noise level at which each PCA mode is half resolved, against the "
                      "mode's variance and against its frequency; bars and brackets: 95 % "
                      "intervals; columns of the key: modes with a level, rank correlations of the "
                      "levels, and the slope of log "
                      "σ_½ on log λ, 1/2 for Wiener. ") +
              (HasControl(runs)
                   ? "Variance falls with frequency in one run and rises in another: what orders "
                     "emergence is what all runs share."
                   : "Variance goes with frequency the same way in all runs: they do not tell "
                     "which of the two orders emergence.")};
}

}  // namespace denoscope
