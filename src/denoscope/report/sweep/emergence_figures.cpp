#include "denoscope/report/sweep/emergence_figures.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

std::vector<Index> ChosenModes(Index m) {
  std::vector<Index> modes;
  for (const Index k : {0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000})
    if (k < m) modes.push_back(k);
  return modes;
}

struct ModeCurves {  // (S,m) each; linear may be empty
  MatrixXd deep, linear;
};

MatrixXd RelativeToSmallestSigma(const MatrixXd& gain) {
  if (gain.rows() == 0) return gain;
  return gain.array().rowwise() / gain.row(0).array();
}

ModeCurves EmergenceCurves(const Emergence& e) {
  if (e.resolved.size() > 0) return {e.resolved, e.linear_resolved};
  return {RelativeToSmallestSigma(e.gain), RelativeToSmallestSigma(e.linear_gain)};
}

Table CurveTable(const Emergence& e, const ModeCurves& curves, const std::vector<Index>& modes) {
  Table table = {{"sigma"}, {}};
  for (const Index k : modes) table.columns.push_back(fmt::format("deep_{}", k));
  if (curves.linear.size() > 0)
    for (const Index k : modes) table.columns.push_back(fmt::format("linear_{}", k));
  for (Index s = 0; s < e.sigmas.size(); ++s) {
    std::vector<std::string> row = {NumberText(e.sigmas[s])};
    for (const Index k : modes) row.push_back(NumberText(curves.deep(s, k)));
    if (curves.linear.size() > 0)
      for (const Index k : modes) row.push_back(NumberText(curves.linear(s, k)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// The axes' range of y, cut at -0.5: below it a curve says only that the denoiser is bad.
std::pair<double, double> RangeOfY(const ModeCurves& curves, const std::vector<Index>& modes) {
  double low = 0, high = 1;
  for (const Index k : modes)
    for (const MatrixXd* values : {&curves.deep, &curves.linear})
      for (Index s = 0; s < values->rows(); ++s)
        if (const double value = (*values)(s, k); std::isfinite(value)) {
          low = std::min(low, value);
          high = std::max(high, value);
        }
  return {std::max(low, -0.5) - 0.03, std::min(high, 2.0) + 0.03};
}

std::string CurveAxes(const ModeCurves& curves,
                      const std::vector<Index>& modes,
                      const std::string& quantity) {
  const auto [low, high] = RangeOfY(curves, modes);
  return fmt::format(R"(set ylabel '{}'
set yrange [{:.3f}:{:.3f}]
set arrow 1 from graph 0, first 0.5 to graph 1, first 0.5 nohead )" +
                         Rgb(kGrey38) + R"( lw 0.5 back
)",
                     quantity,
                     low,
                     high);
}

Plot CurvePlot(const std::string& data, const ModeCurves& curves, const std::vector<Index>& modes) {
  Plot plot;
  for (const bool linear : {true, false})
    for (std::size_t i = 0; i < modes.size() && (!linear || curves.linear.size() > 0); ++i)
      plot.Add(fmt::format("'{}' using \"sigma\":\"{}_{}\" with lines lc rgb '{}' {}",
                           data,
                           linear ? "linear" : "deep",
                           modes[i],
                           OrderedColour(i, modes.size()),
                           linear ? "dt (7,4) lw 0.9" : "lw 1.5"));
  return plot;
}

Plot ModeKey(const ModeCurves& curves, const std::vector<Index>& modes) {
  Plot key;
  for (std::size_t i = 0; i < modes.size(); ++i)
    key.Add(fmt::format("NaN with lines lc rgb '{}' lw 1.5", OrderedColour(i, modes.size())),
            std::to_string(modes[i]));
  if (curves.linear.size() > 0)
    key.Add("NaN with lines " + Rgb(kGrey25) + " dt (7,4) lw 0.9", "Wiener");
  return key;
}

std::string NumberOr(double value, const std::string& otherwise) {
  return std::isfinite(value) ? NumberText(value) : otherwise;
}

struct SigmaRange {
  double low = 0, high = 0;
};

// A row a mode; a censored level stands at the edge of the noise levels that it lies beyond.
Table HalvesTable(const Emergence& e, const EmergenceMeasure& measure, SigmaRange range) {
  Table table = {{"k", "lambda", "frequency"}, {}};
  for (const std::string denoiser : {"deep", "linear"})
    for (const char* ending : {"", "_low", "_high", "_above", "_below"})
      table.columns.push_back(denoiser + ending);
  for (Index k = 0; k < e.lambda.size(); ++k) {
    std::vector<std::string> row = {
        std::to_string(k), NumberText(e.lambda[k]), NumberText(e.frequency[k])};
    for (const std::vector<ModeHalves>* modes : {&e.deep, &e.linear}) {
      const HalfLevel& half = (*modes)[static_cast<std::size_t>(k)].*measure.half;
      row.push_back(NumberText(half.sigma));
      row.push_back(std::isfinite(half.sigma) ? NumberOr(half.low, row.back()) : "nan");
      row.push_back(std::isfinite(half.sigma) ? NumberOr(half.high, row[row.size() - 2]) : "nan");
      row.push_back(half.censored == Censoring::kAbove ? NumberText(range.high) : "nan");
      row.push_back(half.censored == Censoring::kBelow ? NumberText(range.low) : "nan");
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::size_t CountCensored(const std::vector<ModeHalves>& modes,
                          const EmergenceMeasure& measure,
                          Censoring how) {
  return static_cast<std::size_t>(
      std::count_if(modes.begin(), modes.end(), [&](const ModeHalves& halves) {
        return (halves.*measure.half).censored == how;
      }));
}

std::string StatisticsTitle(const Emergence& e, const EmergenceMeasure& measure) {
  const EmergenceStatistics none;
  const EmergenceStatistics deep = StatisticsOf(e, "deep", measure.name).value_or(none);
  const EmergenceStatistics linear = StatisticsOf(e, "linear", measure.name).value_or(none);
  return fmt::format(
      "rank correlation with f {} (Wiener {}),\\ngiven λ {} ({}), slope of log σ_½ {} ({})",
      Signed(deep.rank_frequency.value),
      Signed(linear.rank_frequency.value),
      Signed(deep.partial_frequency.value),
      Signed(linear.partial_frequency.value),
      Signed(deep.slope.value),
      Signed(linear.slope.value));
}

// Only what occurs gets a place in the key.
void AddCensored(const Emergence& e, const EmergenceMeasure& measure, Plot& plot) {
  const std::string by_frequency = "'emergence_halves.csv' using \"frequency\":";
  for (const auto& [how, point] :
       {std::pair{Censoring::kAbove, 8}, std::pair{Censoring::kBelow, 10}}) {
    const std::size_t deep = CountCensored(e.deep, measure, how);
    const std::size_t linear = CountCensored(e.linear, measure, how);
    if (deep + linear == 0) continue;
    for (const auto& [denoiser, size, colour] :
         {std::tuple{"linear", 1.7, kLinearColour}, std::tuple{"deep", 1.1, kDeepColour}})
      plot.Add(fmt::format("{}\"{}_{}\" with points pt {} ps {} lc rgb '{}'",
                           by_frequency,
                           denoiser,
                           NameOf(how),
                           point,
                           size,
                           colour));
    plot.Add(fmt::format("NaN with points pt {} ps 1.3 " + Rgb(kGrey25), point),
             fmt::format("{} all σ: {} (Wiener {})", NameOf(how), deep, linear));
  }
  const std::size_t deep = CountCensored(e.deep, measure, Censoring::kNoCrossing);
  const std::size_t linear = CountCensored(e.linear, measure, Censoring::kNoCrossing);
  if (deep + linear > 0)
    plot.Add("NaN with points pt -1", fmt::format("no crossing: {} (Wiener {})", deep, linear));
}

Plot HalvesPlot(const Emergence& e, const EmergenceMeasure& measure) {
  const std::string by_frequency = "'emergence_halves.csv' using \"frequency\":";
  Plot plot;
  plot.Add(
      fmt::format(
          "{}\"linear\" with points pt 4 ps 0.7 lw 0.7 lc rgb '{}'", by_frequency, kLinearColour),
      "σ_½, Wiener");
  plot.Add(
      fmt::format("{}\"deep\":\"deep_low\":\"deep_high\" with yerrorbars pt 0 lw 0.5 lc rgb '{}'",
                  by_frequency,
                  kDeepColour));
  plot.Add(fmt::format("{}\"deep\" with points pt 7 ps 0.7 lc rgb '{}'", by_frequency, kDeepColour),
           "σ_½, denoiser");
  AddCensored(e, measure, plot);
  plot.Add("NaN");
  return plot;
}

std::string HalvesAxes(const Emergence& e, const EmergenceMeasure& measure, SigmaRange range) {
  const double frequencies = std::max(0.5, e.frequency.maxCoeff());
  return fmt::format(
      R"(unset arrow 1
unset logscale x
set logscale y
set format y '%g'
set xrange [{:.4g}:{:.4g}]
set yrange [{:.6g}:{:.6g}]
set xlabel 'frequency f of mode u_k (cycles per image)'
set ylabel 'σ_½ of {}'
set title "{}" font ',14'
)",
      -0.02 * frequencies,
      1.02 * frequencies,
      range.low / 1.25,
      range.high * 1.25,
      measure.words,
      StatisticsTitle(e, measure));
}

std::string EmergenceCaption(const RunContents& run, const EmergenceMeasure& measure) {
  const bool resolved = measure.name == "resolved";
  return fmt::format(
      "Left: {} of PCA modes k against noise level; solid the denoiser, dashed Wiener. Right: the "
      "noise level at which it falls to one half, against the mode's frequency{}. Frequency tracks "
      "the eigenvalue lambda: any shrinker shows Wiener's order, so compare the correlation given "
      "lambda "
      "and the slope, 1/2 for Wiener.",
      resolved ? "resolved variance over held-out images"
               : "gain u'Ju relative to the smallest noise level (no evaluation in this run)",
      resolved && std::isfinite(run.emergence->deep[0].resolved.low) ? ", bars: 95 % intervals"
                                                                     : "");
}

bool HasCurves(const RunContents& run) {
  return run.emergence && run.emergence->sigmas.size() > 1 && run.emergence->lambda.size() > 0;
}

}  // namespace

std::optional<Figure> EmergenceFigure(const RunContents& run, const Canvas& canvas) {
  if (!HasCurves(run)) return std::nullopt;
  const Emergence& e = *run.emergence;
  const EmergenceMeasure measure = MeasureOf(e);
  const ModeCurves curves = EmergenceCurves(e);
  if (curves.deep.size() == 0) return std::nullopt;
  const std::vector<Index> modes = ChosenModes(curves.deep.cols());
  const SigmaRange range = {e.sigmas.minCoeff(), e.sigmas.maxCoeff()};
  const Panels panels(canvas, 2, {25, "mode k"});
  Plot left = CurvePlot("emergence_curves.csv", curves, modes), right = ModeKey(curves, modes);
  left.Add("NaN");
  right.Add(HalvesPlot(e, measure));
  const std::string commands =
      SigmaAxis(range.low, range.high) + panels.KeyTitle() + panels.Place(0, run.subject) +
      CurveAxes(curves,
                modes,
                measure.name == "resolved" ? "resolved variance R_k"
                                           : "gain u_kᵀJu_k relative to smallest σ") +
      left.Command() + panels.Place(1, "") + HalvesAxes(e, measure, range) + right.Command();
  return Figure{Draw(canvas,
                     panels.Whole("emergence",
                                  commands,
                                  right,
                                  {{"emergence_curves.csv", CurveTable(e, curves, modes)},
                                   {"emergence_halves.csv", HalvesTable(e, measure, range)}})),
                EmergenceCaption(run, measure)};
}

std::optional<Figure> GainFigure(const RunContents& run, const Canvas& canvas) {
  if (!HasCurves(run) || run.emergence->gain.size() == 0) return std::nullopt;
  const Emergence& e = *run.emergence;
  const ModeCurves curves = {e.gain, e.linear_gain};
  const std::vector<Index> modes = ChosenModes(curves.deep.cols());
  const std::string images = Counted(Images(run.cells).size(), "image");
  const Panels panels(canvas, 1, {7, "mode k"}, {900, 640});
  Plot plot = CurvePlot("gain.csv", curves, modes);
  plot.Add(ModeKey(curves, modes));
  plot.Add("NaN");
  const std::string commands =
      SigmaAxis(e.sigmas.minCoeff(), e.sigmas.maxCoeff()) + panels.KeyTitle() +
      panels.Place(0, run.subject) +
      CurveAxes(curves, modes, fmt::format("gain u_kᵀJu_k, mean over {}", images)) + plot.Command();
  return Figure{
      Draw(canvas,
           panels.Whole("gain", commands, plot, {{"gain.csv", CurveTable(e, curves, modes)}})),
      fmt::format("Gain of the Jacobian along PCA modes k against noise level, mean over {}; "
                  "solid the denoiser, dashed Wiener.",
                  images)};
}

}  // namespace denoscope
