#include "denoscope/report/compare/comparison_control_figure.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"

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

  double Height() const { return kRow * (static_cast<double>(runs_.size()) + 1) + 16; }

  std::string Commands() const {
    std::string commands;
    int line = 0;
    const auto write = [&](int row, const std::array<std::string, 6>& cells) {
      for (std::size_t i = 0; i < cells.size(); ++i)
        commands += fmt::format("set label {} {} at screen {}, screen {}/height left font ',15'\n",
                                ++line,
                                cells[i],
                                kLeft[i],
                                Y(row));
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
          "set label {} '' at screen {}, screen {}/height point pt {} ps 1.2 lc rgb '{}'\n",
          ++line,
          kLeft[0] - 0.014,
          Y(row),
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
  static constexpr double kRow = 30;  // pixels
  static constexpr std::array<double, 6> kLeft = {0.045, 0.35, 0.42, 0.555, 0.708, 0.86};

  double Y(int row) const { return Height() - (row + 0.5) * kRow; }  // from below

  const std::vector<RunBeside>& runs_;
  const std::vector<RunStyle>& styles_;
};

// `titled`: for a key of the runs.
void AddLevels(const std::vector<RunBeside>& runs, const std::string& x, bool titled, Plot& plot) {
  const std::vector<RunStyle> styles = StylesOf(runs);
  for (std::size_t i = 0; i < styles.size(); ++i) {
    const std::string levels =
        fmt::format("'{}' using \"{}\":{}", kComparedHalves, x, OfRun("sigma", i));
    plot.Add(fmt::format("{}:{}:{} with yerrorbars pt 0 lw 0.35 lc rgb '{}'",
                         levels,
                         OfRun("sigma_low", i),
                         OfRun("sigma_high", i),
                         styles[i].colour));
    // The space is where a title would be.
    plot.Add(fmt::format("{} with points pt {} ps 0.75 lc rgb '{}'{}",
                         levels,
                         styles[i].point,
                         styles[i].colour,
                         titled ? "" : " "),
             titled ? Plain(Shortened(runs[i].label)) : "");
  }
}

constexpr const char* kWienerTitle = "Wiener: sqrt(λ)";
const std::string kWienerLine = "lines dt (7,4) lw 1.3 " + Rgb(kGrey25);

int WidestLabel(const std::vector<RunBeside>& runs) {
  std::size_t widest = 15;
  for (const RunBeside& run : runs) widest = std::max(widest, Shortened(run.label).size());
  return static_cast<int>(widest);
}

}  // namespace

// The table of the key is too wide for a paper: there is a plain key instead.
Figure ControlFigure(const std::vector<RunBeside>& runs, const Table& data, const Canvas& canvas) {
  const bool paper = canvas.OnPaper();
  const NumberRows rows(data);
  const std::vector<RunStyle> styles = StylesOf(runs);
  const KeyTable key(runs, styles);
  const Panels panels(canvas, 2, {paper ? WidestLabel(runs) : 0}, {690, 620});
  const Extent lambda = ExtentOf(rows, {"lambda"}), sigma = ExtentOf(rows, {"sigma"});
  const std::vector<double> frequencies = rows.Values("frequency");
  const double most = *std::max_element(frequencies.begin(), frequencies.end());
  Plot by_variance, by_frequency;
  by_variance.Add(fmt::format("sqrt(x) with {}", kWienerLine), kWienerTitle);
  AddLevels(runs, "lambda", false, by_variance);
  by_frequency.Add(
      fmt::format("'{}' using \"frequency\":(sqrt(column(\"lambda\"))) with points pt 7 ps "
                  "0.3 " +
                      Rgb(kGrey44),
                  kComparedHalves),
      kWienerTitle);
  AddLevels(runs, "frequency", paper, by_frequency);
  // The line of the other panel, for the key of both.
  if (paper) by_frequency.Add(fmt::format("NaN with {}", kWienerLine), kWienerTitle);
  const std::string commands = fmt::format(
      R"({1}set format x '%g'
set logscale x
set xrange [{2:.6g}:{3:.6g}]
set yrange [{4:.6g}:{5:.6g}]
set ylabel 'σ_½, resolved variance is ½'
set xlabel 'variance λ_k of mode u_k'
{0}{11}plot {6}{7}unset logscale x
set xrange [{8:.4g}:{9:.4g}]
set xlabel 'frequency f of mode u_k (cycles per image)'
{13}{12}plot {10})",
      panels.Place(0, "by variance"),
      LogarithmicTics("y"),
      lambda.low / 1.3,
      lambda.high * 1.3,
      sigma.low / 1.2,
      sigma.high * 1.2,
      by_variance.Curves(),
      paper ? "" : key.Commands(),
      -0.02 * most,
      1.02 * most,
      by_frequency.Curves(),
      panels.Inside("top left"),
      panels.Inside("top center"),
      panels.Place(1, "by frequency"));
  return {Draw(canvas,
               panels.Whole("control",
                            commands,
                            by_frequency,
                            {{kComparedHalves, data}},
                            paper ? 0 : key.Height())),
          std::string("The noise level at which each PCA mode is half resolved, against the "
                      "mode's variance and against its frequency; bars and brackets: 95 % "
                      "intervals") +
              (paper ? ". "
                     : "; columns of the key: modes with a level, rank correlations of the levels, "
                       "and the slope of log σ_½ on log λ, 1/2 for Wiener. ") +
              (HasControl(runs)
                   ? "Variance falls with frequency in one run and rises in another: what orders "
                     "emergence is what all runs share."
                   : "Variance goes with frequency the same way in all runs: they do not tell "
                     "which of the two orders emergence.")};
}

}  // namespace denoscope
