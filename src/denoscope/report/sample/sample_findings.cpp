#include "denoscope/report/sample/sample_findings.h"

#include <algorithm>
#include <cmath>

#include "denoscope/report/plots/words.h"
#include "denoscope/report/sample/sample_run.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {
namespace {

std::string Extent(const SampleRun& run) {
  const std::size_t all = run.Samples(), whole = run.Whole("deep");
  const NumberRows deep = NumberRows(run.all_paths).Where("process", "deep");
  std::size_t diverged = 0;
  for (std::size_t i = 0; i < deep.Count(); ++i) diverged += deep.At(i, "diverged") >= 0;
  std::string text = fmt::format("{}: {} by {}, starts {}\n",
                                 run.subject,
                                 Counted(all, "path"),
                                 run.Process(),
                                 run.start == "matched" ? "like noisy data" : "of noise alone");
  if (diverged > 0)
    text += fmt::format("{} diverged and {} left out of everything below (paths.csv says where)\n",
                        Counted(diverged, "path"),
                        diverged == 1 ? "is" : "are");
  if (whole + diverged < all)
    text += fmt::format("{} never came to the cleanest level and {} left out\n",
                        Counted(all - whole - diverged, "path"),
                        all - whole - diverged == 1 ? "is" : "are");
  if (run.sampler == "blind" && whole > 0) {
    std::vector<double> steps;
    for (std::size_t i = 0; i < deep.Count(); ++i)
      if (deep.At(i, "finished") >= 0) steps.push_back(deep.At(i, "finished"));
    std::sort(steps.begin(), steps.end());
    text += fmt::format("steps that the blind sampler took: {:.0f} to {:.0f}, median {:.0f}\n",
                        steps.front(),
                        steps.back(),
                        steps[steps.size() / 2]);
  }
  if (whole > 0 && whole < 8)
    text += fmt::format("only {}: no interval is given\n", Counted(whole, "whole path"));
  for (const std::string& note : {run.outside_training, run.start_note})
    if (!note.empty()) text += note + "\n";
  return text;
}

std::string LevelText(const NumberRows& rows, std::size_t i, const std::string& column) {
  const double sigma = rows.At(i, column);
  if (!std::isfinite(sigma)) return rows.Text(i, column + "_censored");
  const double low = rows.At(i, column + "_low");
  if (!std::isfinite(low)) return fmt::format("{:.3g}", sigma);
  return fmt::format("{:.3g} ({:.3g} to {:.3g})", sigma, low, rows.At(i, column + "_high"));
}

std::string HalvesOf(const SampleRun& run) {
  if (run.fixed_sigma > 0) return "";  // there is one noise level
  const NumberRows rows = NumberRows(run.emergence).Where("along", "mode");
  std::string text;
  for (const std::size_t k : {0, 5, 20, 100})
    if (k < rows.Count())
      text += fmt::format("{} k = {}: energy {}, Wiener {}; correlation² {}",
                          text.empty() ? "" : ";",
                          k,
                          LevelText(rows, k, "deep_energy"),
                          LevelText(rows, k, "linear_energy"),
                          LevelText(rows, k, "deep_correlation"));
  return text.empty() ? "" : "sigma_half along the paths (95 % over paths):" + text + "\n";
}

// "mode_energy" of statistics.csv is "energy of modes".
std::string MeasureWords(const std::string& measure) {
  const std::size_t cut = measure.find('_');
  return measure.substr(cut + 1) + " of " + measure.substr(0, cut) + "s";
}

// What the rows of one measure say; what a few levels leave undefined is not told.
std::string StatisticsLine(const NumberRows& rows, std::size_t i) {
  std::string text = fmt::format("{}, {}: {:.0f} levels, {:.0f} censored",
                                 rows.Text(i, "denoiser") == "deep" ? "denoiser" : "Wiener",
                                 MeasureWords(rows.Text(i, "measure")),
                                 rows.At(i, "modes"),
                                 rows.At(i, "censored"));
  const std::pair<const char*, const char*> kEstimates[] = {
      {"rank_lambda", "rank correlation with lambda"},
      {"rank_frequency", "with frequency"},
      {"partial_frequency", "with frequency given lambda"},
      {"slope", "slope on log lambda"},
      {"spread", "spread"}};
  for (const auto& [column, words] : kEstimates) {
    const double value = rows.At(i, column), low = rows.At(i, column + std::string("_low"));
    if (!std::isfinite(value)) continue;
    text += fmt::format("; {} {}", words, Decimal(value));
    if (std::isfinite(low))
      text += fmt::format(
          " ({} to {})", Decimal(low), Decimal(rows.At(i, column + std::string("_high"))));
  }
  return text + "\n";
}

std::string StatisticsOf(const SampleRun& run) {
  std::string text;
  const NumberRows rows(run.statistics);
  for (std::size_t i = 0; i < rows.Count(); ++i) text += StatisticsLine(rows, i);
  return text;
}

std::string EndsOf(const SampleRun& run) {
  std::string text;
  for (const std::string process : {"deep", "linear"}) {
    const NumberRows rows = NumberRows(run.steps).Where("process", process);
    if (rows.Empty()) continue;
    const std::size_t last = rows.Count() - 1;
    text += fmt::format(
        "{}: mean |cos| of x - m to u_0 {:.3f} at the start, {:.3f} +- {:.3f} at the end; of x to "
        "the mean image {:.3f}; diversity {:.3g}, of data {:.3g}; root mean square distance of two "
        "{:.3g}\n",
        process == "deep" ? "denoiser" : "Wiener",
        rows.At(0, "cosine"),
        rows.At(last, "cosine"),
        rows.At(last, "cosine_error"),
        rows.At(last, "mean_cosine"),
        rows.At(last, "diversity"),
        rows.At(last, "diversity_expected"),
        rows.At(last, "spread"));
  }
  const NumberRows collapse(run.collapse);
  for (std::size_t i = 0; i < collapse.Count(); ++i)
    text += fmt::format("{}, onto u_0: {}\n",
                        collapse.Text(i, "process") == "deep" ? "denoiser" : "Wiener",
                        collapse.Text(i, "status"));
  return text;
}

std::string FixedPointsText(const SampleRun& run) {
  const NumberRows rows(run.fixed_points);
  if (rows.Empty()) return "";
  const auto range = [&](const std::string& column) {
    std::vector<double> values;
    for (const double value : rows.Values(column))
      if (std::isfinite(value)) values.push_back(value);
    if (values.empty()) return std::string("undefined");
    std::sort(values.begin(), values.end());
    return fmt::format(
        "{:.3g} ({:.3g} to {:.3g})", values[values.size() / 2], values.front(), values.back());
  };
  return "where repeated denoising at one level has come to, median (least to most) over samples: "
         "|D - x|/|x| " +
         range("moves") + "; leading eigenvalue of sym(J) " + range("eigenvalue") +
         "; |cos| of x - m with u_0 " + range("cos_u0") + ", with v_0 of J there " +
         range("cos_v") + "; of x with the mean image " + range("cos_mean") +
         "; of the last step s above rounding with v_0 " + range("step_cos_v") + ", with J s " +
         range("step_cos_Js") + " and |J s|/|s| " + range("step_factor") + "; of v_0 with u_0 " +
         range("v_cos_u0") + "\n";
}

}  // namespace

std::string SampleFindings(const RunFolder& run) {
  const SampleRun contents = ReadSampleRun(run);
  return Extent(contents) + HalvesOf(contents) + StatisticsOf(contents) + EndsOf(contents) +
         FixedPointsText(contents);
}

}  // namespace denoscope
