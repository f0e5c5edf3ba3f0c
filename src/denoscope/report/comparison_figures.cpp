#include "denoscope/report/comparison_figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "denoscope/report/comparison_run.h"
#include "denoscope/report/gnuplot.h"
#include "denoscope/report/panels.h"
#include "denoscope/report/run_contents.h"

namespace denoscope {
namespace {

constexpr const char* kData = "compared_halves.csv";

struct Style {
  std::string colour;
  int point = 7;
};

// Of Okabe and Ito, as in palette.h.
std::string RunColour(std::size_t i, std::size_t count) {
  constexpr std::array<const char*, 6> kColours = {
      "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
  return count <= kColours.size() ? kColours[i] : OrderedColour(i, count);
}

int FamilyPoint(const std::string& family) {
  if (family == "linear:wiener") return 4;
  if (family == "linear:empirical") return 8;
  if (family == "linear:shrunk") return 12;
  return family.empty() ? 7 : 10;
}

// Runs that differ in how many images they learned from are coloured by that, few to many, and what
// they are by the point; all else is a colour a run.
std::vector<Style> StylesOf(const std::vector<RunBeside>& runs) {
  std::set<std::int64_t> numbers;
  std::set<std::pair<std::int64_t, std::string>> kinds;
  for (const RunBeside& run : runs) {
    numbers.insert(run.n);
    kinds.insert({run.n, run.Family()});
  }
  constexpr std::size_t kLeast = 3;
  const bool by_number =
      numbers.size() >= kLeast && kinds.size() == runs.size() && numbers.count(0) == 0;
  std::vector<Style> styles;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto place =
        static_cast<std::size_t>(std::distance(numbers.begin(), numbers.find(runs[i].n)));
    styles.push_back({by_number ? OrderedColour(place, numbers.size()) : RunColour(i, runs.size()),
                      FamilyPoint(runs[i].Family())});
  }
  return styles;
}

// A row a run and mode; levels over sqrt(lambda) beside the levels.
Table PlotTable(const Comparison& comparison) {
  const Table& halves = comparison.halves;
  Table table = {{"run",
                  "k",
                  "lambda",
                  "frequency",
                  "sigma",
                  "sigma_low",
                  "sigma_high",
                  "ratio",
                  "wiener_ratio",
                  "theory_ratio"},
                 {}};
  for (std::size_t row = 0; row < halves.rows.size(); ++row) {
    const auto at = [&](const char* column) { return NumberAt(halves, row, column); };
    const double sigma = at("deep_half_resolved"), scale = std::sqrt(at("lambda"));
    const auto or_level = [&](double end) { return std::isfinite(end) ? end : sigma; };
    AddRow(table,
           {at("run"),
            at("k"),
            at("lambda"),
            at("frequency"),
            sigma,
            or_level(at("deep_half_resolved_low")),
            or_level(at("deep_half_resolved_high")),
            sigma / scale,
            at("linear_half_resolved") / scale,
            at("plug_in_half_resolved") / scale});
  }
  return table;
}

struct Extent {
  double low = 0, high = 0;
};

Extent ExtentOf(const NumberRows& rows, const std::vector<std::string>& columns) {
  Extent extent = {std::numeric_limits<double>::infinity(), 0};
  for (const std::string& column : columns)
    for (const double value : rows.Values(column))
      if (std::isfinite(value) && value > 0) {
        extent.low = std::min(extent.low, value);
        extent.high = std::max(extent.high, value);
      }
  return extent.high > 0 ? extent : Extent{0.1, 1};
}

std::string OfRun(const std::string& column, std::size_t run) {
  return Chosen(column, {{"run", static_cast<double>(run), ""}});
}

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

std::string Shortened(const std::string& label) {
  constexpr std::size_t kMost = 60;
  return label.size() > kMost ? label.substr(0, kMost) + ".." : label;
}

// The key as a table under the panels: a row a run, with its correlations.
class KeyTable {
 public:
  KeyTable(const std::vector<RunBeside>& runs, const std::vector<Style>& styles)
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
  static constexpr std::array<double, 6> kLeft = {0.045, 0.375, 0.475, 0.605, 0.735, 0.87};

  double Y(int row, int picture_height) const {
    return (Height() - 0.5 * kRow - kRow * row) / picture_height;
  }

  const std::vector<RunBeside>& runs_;
  const std::vector<Style>& styles_;
};

std::string LevelPlots(const std::vector<Style>& styles, const std::string& x) {
  std::string plots;
  for (std::size_t i = 0; i < styles.size(); ++i)
    plots += fmt::format(
        ", \\\n  '{0}' using \"{1}\":{2}:{3}:{4} with yerrorbars pt 0 lw 0.35 lc rgb '{5}', \\\n"
        "  '{0}' using \"{1}\":{2} with points pt {6} ps 0.75 lc rgb '{5}'",
        kData,
        x,
        OfRun("sigma", i),
        OfRun("sigma_low", i),
        OfRun("sigma_high", i),
        styles[i].colour,
        styles[i].point);
  return plots;
}

Figure ControlFigure(const std::vector<RunBeside>& runs,
                     const Table& data,
                     const std::filesystem::path& folder) {
  constexpr int kWidth = 1700, kPanels = 720, kAxis = 112;
  const std::vector<Style> styles = StylesOf(runs);
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
      kData);
  return {Draw(folder, {"control", kWidth, height, commands, {{kData, data}}}),
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

// One panel with its key at the right, in room for labels of `characters`.
struct WidePanel {
  static constexpr int kHeight = 820;
  int width = 0;
  std::string begin;
  explicit WidePanel(std::size_t characters) {
    constexpr double kLeft = 120, kPanel = 900, kSample = 90, kCharacter = 9.2;  // pixels
    const double all = kLeft + kPanel + kSample + kCharacter * static_cast<double>(characters);
    width = static_cast<int>(all);
    begin = fmt::format(
        "set datafile columnheaders\nset lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n"
        "set bmargin at screen 0.115\nset tmargin at screen 0.935\n"
        "set key at screen {:.4f}, screen 0.93 top left Left reverse\n",
        kLeft / all,
        (kLeft + kPanel) / all,
        (kLeft + kPanel + 15) / all);
  }
};

std::size_t WidestLabel(const std::vector<RunBeside>& runs, std::size_t least) {
  for (const RunBeside& run : runs) least = std::max(least, Shortened(run.label).size());
  return least;
}

// One curve a number of images and reference, of the first run that has it.
std::vector<std::size_t> RunsWithTheory(const std::vector<RunBeside>& runs) {
  std::set<std::pair<std::int64_t, std::string>> seen;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (runs[i].n > 0 && seen.insert({runs[i].n, runs[i].data}).second) chosen.push_back(i);
  return chosen;
}

Figure HalvesFigure(const std::vector<RunBeside>& runs,
                    const Table& data,
                    const std::filesystem::path& folder) {
  const std::vector<Style> styles = StylesOf(runs);
  const NumberRows rows(data);
  const std::vector<std::size_t> theory = RunsWithTheory(runs);
  const WidePanel panel(WidestLabel(runs, 22) + 15);
  const Extent ratio = ExtentOf(rows, {"ratio", "wiener_ratio"}), k = ExtentOf(rows, {"k"});
  std::string plots = "  1 with lines lw 1.3 lc rgb '#404040' title 'population, sqrt(λ_k)', \\\n";
  for (const std::size_t i : theory)
    plots += fmt::format(
        "  '{}' using (column(\"k\") + 1):{} with lines dt (7,4) lw 1.2 lc rgb '{}' title {}, \\\n",
        kData,
        OfRun("theory_ratio", i),
        styles[i].colour,
        Quoted(fmt::format("theory: Wiener of {} images", runs[i].n)));
  for (std::size_t i = 0; i < runs.size(); ++i)
    plots += fmt::format(
        "  '{}' using (column(\"k\") + 1):{} with points pt {} ps 0.8 lc rgb '{}' title {}, \\\n",
        kData,
        OfRun("ratio", i),
        styles[i].point,
        styles[i].colour,
        Quoted(runs[i].label + (runs[i].deep.censored > 0
                                    ? fmt::format(" ({} censored)", runs[i].deep.censored)
                                    : "")));
  const std::string commands =
      panel.begin + LogarithmicTics("x") +
      "set logscale y\nset format y '%g'\n"
      "set ytics (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 5, 10, 20, 50)\n" +
      fmt::format("set xrange [0.9:{:.6g}]\nset yrange [{:.6g}:{:.6g}]\n",
                  (k.high + 1) * 1.1,
                  ratio.low / 1.15,
                  std::max(ratio.high, 1.0) * 1.15) +
      "set xlabel 'k + 1, most variance first'\nset ylabel 'σ_½ / sqrt(λ_k)'\n" +
      "set title 'half levels over those of Wiener' font ',16'\nplot \\\n" + plots + "  NaN\n";
  return {Draw(folder, {"halves", panel.width, WidePanel::kHeight, commands, {{kData, data}}}),
          "The noise level at which mode k is half resolved, over the population's sqrt(lambda_k); "
          "dashed: that of the plug-in Wiener denoiser of n images, in theory. Above 1 a denoiser "
          "sees a mode in more noise than any linear one."};
}

std::string ErrorPlots(const std::vector<RunBeside>& runs) {
  const std::vector<Style> styles = StylesOf(runs);
  std::string plots;
  for (std::size_t i = 0; i < runs.size(); ++i)
    plots += fmt::format(
        "  'compared_levels.csv' using \"sigma\":{0}:{1} with yerrorbars pt 0 lw 0.7 lc rgb '{2}', "
        "\\\n  'compared_levels.csv' using \"sigma\":{0} with linespoints pt {3} ps 0.9 lw 1.5 lc "
        "rgb '{2}' title {4}, \\\n",
        OfRun("ratio", i),
        OfRun("ratio_error", i),
        styles[i].colour,
        styles[i].point,
        Quoted(Shortened(runs[i].label)));
  return plots;
}

Figure ErrorsFigure(const std::vector<RunBeside>& runs,
                    const Comparison& comparison,
                    const std::filesystem::path& folder) {
  const NumberRows levels(comparison.levels);
  Table data = {{"run", "sigma", "ratio", "ratio_error"}, {}};
  for (std::size_t row = 0; row < levels.Count(); ++row)
    AddRow(data,
           {levels.At(row, "run"),
            levels.At(row, "sigma"),
            levels.At(row, "ratio"),
            levels.At(row, "ratio_error")});
  const NumberRows rows(data);
  const Extent sigma = ExtentOf(rows, {"sigma"}), ratio = ExtentOf(rows, {"ratio"});
  const WidePanel panel(WidestLabel(runs, 10));
  constexpr double kWide = 3;  // from here on a logarithmic axis shows more
  const bool wide = ratio.high > kWide;
  const std::string commands =
      panel.begin + SigmaAxis(sigma.low, sigma.high) +
      (wide ? LogarithmicTics("y") +
                  fmt::format("set yrange [{:.6g}:{:.6g}]\n", ratio.low / 1.2, ratio.high * 1.2)
            : fmt::format("set yrange [0:{:.6g}]\n", std::max(ratio.high, 1.0) * 1.08)) +
      "set ylabel 'MSE over that of Wiener'\n" +
      "set title 'error on held-out images' font ',16'\n"
      "set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#404040' lw 1.2 dt "
      "(7,4) back\nplot \\\n" +
      ErrorPlots(runs) + "  NaN with lines dt (7,4) lw 1.2 lc rgb '#404040' title 'Wiener'\n";
  return {
      Draw(folder,
           {"errors", panel.width, WidePanel::kHeight, commands, {{"compared_levels.csv", data}}}),
      "Mean squared error over held-out images as a share of that of the Wiener denoiser "
      "fitted to the run's whole training split, on the same images and noise; bars: one "
      "standard error."};
}

}  // namespace

std::vector<Figure> ComparisonFigures(const RunFolder& run, const std::filesystem::path& folder) {
  const Comparison comparison = ReadComparison(run.Path());
  const std::vector<RunBeside> runs = RunsOf(comparison, run.Path() / "compare.json");
  const Table halves = PlotTable(comparison);
  return {ControlFigure(runs, halves, folder),
          HalvesFigure(runs, halves, folder),
          ErrorsFigure(runs, comparison, folder)};
}

}  // namespace denoscope
