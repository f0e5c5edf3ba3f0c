#include "denoscope/report/pca/pca_findings.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/pca/pca_run.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

std::string Number(double value) { return fmt::format("{:.3g}", value); }

std::string Interval(double low, double high) {
  return std::isfinite(low) ? fmt::format("{:.2f} to {:.2f}", low, high) : "no interval";
}

std::string Extent(const PcaRun& run) {
  std::string text = fmt::format(
      "{}: reference PCA of {} images, d = {}; noisy bases from its {} other images, n = {}, {}, "
      "sigma {} to {}, {}, {} modes\n",
      run.data,
      run.reference.n,
      run.Size(),
      run.sample_images,
      fmt::join(run.n, ", "),
      Counted(run.sigmas.size(), "noise level"),
      SigmaText(run.sigmas.front()),
      SigmaText(run.sigmas.back()),
      Counted(static_cast<std::size_t>(run.draws), "draw"),
      run.modes);
  for (const double n : run.n)
    if (run.DrawsShareImages(n))
      text += fmt::format(
          "at n = {} the draws share images: error bars there hold the noise, not the choice of "
          "images\n",
          n);
  return text;
}

std::string SpectrumLines(const PcaRun& run) {
  const NumberRows spectrum(run.spectrum), laws(run.power_law);
  double sum = 0, squares = 0;
  for (const double lambda : spectrum.Values("lambda")) {
    sum += lambda;
    squares += lambda * lambda;
  }
  const auto modes_for = [&](double share) {
    const std::vector<double> shares = spectrum.Values("share_up_to_here");
    return 1 + std::distance(shares.begin(),
                             std::find_if(shares.begin(), shares.end(), [&](double held) {
                               return held >= share - 1e-12;
                             }));
  };
  std::string text = fmt::format(
      "spectrum: lambda_0 {} +- {:.1g}; {}, {} and {} modes hold 90, 95 and 99 % of the variance, "
      "participation {:.2f}\n",
      Number(spectrum.At(0, "lambda")),
      spectrum.At(0, "lambda_error"),
      modes_for(0.90),
      modes_for(0.95),
      modes_for(0.99),
      sum * sum / squares);
  if (!spectrum.Where("measured", 0).Empty())
    text += fmt::format(
        "only the leading {} eigenvalues were computed; the rest is a power law that holds the "
        "variance left, a guess\n",
        spectrum.Where("measured", 1).Count());
  for (std::size_t i = 0; i < laws.Count(); ++i)
    text += fmt::format(
        "power law of modes {} to {}: exponent {:.2f} +- {:.2f} (95 % {:.2f} to "
        "{:.2f}), rms error of log lambda {:.2f}\n",
        laws.At(i, "first_mode"),
        laws.At(i, "last_mode"),
        laws.At(i, "exponent"),
        laws.At(i, "exponent_error"),
        laws.At(i, "exponent_low"),
        laws.At(i, "exponent_high"),
        laws.At(i, "rms_error_of_log"));
  return text;
}

std::string Wiener(const PcaRun& run) {
  const NumberRows rows(run.wiener);
  std::string text = "Wiener's MSE on the other images over the one expected of it:";
  for (const std::size_t i : EvenChoice(rows.Count(), 3)) {
    const double expected = rows.At(i, "wiener_mse");
    text += fmt::format("{} {} at sigma {}",
                        i == 0 ? "" : ",",
                        PlusMinus(rows.At(i, "held_out_mse") / expected,
                                  rows.At(i, "held_out_mse_error") / expected),
                        SigmaText(rows.At(i, "sigma")));
  }
  return text + "\n";
}

std::string Level(const NumberRows& rows, std::size_t i, const std::string& source) {
  const double sigma = rows.At(i, source);
  if (!std::isfinite(sigma)) return rows.Text(i, source + "_censored") + " all sigmas";
  const double low = rows.At(i, source + "_low");
  if (!std::isfinite(low)) return Number(sigma);
  return fmt::format("{:.3g} (95 % {:.3g} to {:.3g})", sigma, low, rows.At(i, source + "_high"));
}

std::string OrNever(double sigma) { return sigma > 0 ? Number(sigma) : "never"; }

std::string LevelsAt(const PcaRun& run, double n) {
  const NumberRows rows = NumberRows(run.aligning).Where("n", n);
  std::string text = "sigma at which cos^2 is 1/2:";
  for (const std::size_t k : {0, 1, 4, 8, 16, 32})
    if (k < rows.Count())
      text += fmt::format("{} k = {}: {}, twin {}, spiked {}, anisotropic {}, mixed {}",
                          k == 0 ? "" : ";",
                          k,
                          Level(rows, k, "images_own"),
                          Level(rows, k, "gaussian_own"),
                          Number(rows.At(k, "sigma_aligning_spiked")),
                          OrNever(rows.At(k, "sigma_aligning_anisotropic")),
                          OrNever(rows.At(k, "sigma_aligning_mixed")));
  return text + "\n";
}

// Of the modes of images that align somewhere in the range of sigma, and of those that never do.
std::string FrequencyOfCensored(const PcaRun& run, double n) {
  const NumberRows rows = NumberRows(run.aligning).Where("n", n);
  double aligned = 0, others = 0;
  std::size_t count = 0;
  for (std::size_t k = 0; k < rows.Count(); ++k) {
    const bool below = rows.Text(k, "images_own_censored") == "below";
    (below ? others : aligned) += rows.At(k, "frequency");
    count += below ? 1 : 0;
  }
  if (count == 0 || count == rows.Count()) return "";
  return fmt::format(
      "{} of {} modes are never half aligned: mean frequency {:.2f}, of the others "
      "{:.2f} cycles per image\n",
      count,
      rows.Count(),
      others / static_cast<double>(count),
      aligned / static_cast<double>(rows.Count() - count));
}

std::string WithIntervals(const NumberRows& r, const std::string& column) {
  return fmt::format("{} (95 % over modes {}, over draws {})",
                     Decimal(r.At(0, column)),
                     Interval(r.At(0, column + "_modes_low"), r.At(0, column + "_modes_high")),
                     Interval(r.At(0, column + "_draws_low"), r.At(0, column + "_draws_high")));
}

std::string Statistics(const PcaRun& run, double n) {
  std::string text;
  for (const std::string measure : {"own", "matched"}) {
    const NumberRows rows = NumberRows(run.statistics).Where("n", n).Where("measure", measure);
    const NumberRows images = rows.Where("samples", "images");
    const NumberRows twin = rows.Where("samples", "gaussian");
    text += fmt::format(
        "aligning sigma{}, {} modes of images and {} of the twin: rank correlation with frequency "
        "{}, twin {}; given lambda {}, twin {}; slope of log sigma on log lambda {}, twin {}\n",
        measure == "own" ? "" : " of the best-matched vector",
        images.At(0, "modes"),
        twin.At(0, "modes"),
        WithIntervals(images, "rank_frequency"),
        Decimal(twin.At(0, "rank_frequency")),
        WithIntervals(images, "partial_frequency"),
        Decimal(twin.At(0, "partial_frequency")),
        Decimal(images.At(0, "slope")),
        Decimal(twin.At(0, "slope")));
  }
  return text;
}

std::string Theories(const PcaRun& run, double n) {
  const NumberRows of_n = NumberRows(run.theories).Where("n", n);
  std::string text;
  for (const std::string samples : {"gaussian", "images"}) {
    const NumberRows rows = of_n.Where("samples", samples);
    if (rows.Empty()) continue;
    text += fmt::format(
        "mean |cos^2 - {}| where the spiked form sees the mode ({} points, "
        "mean standard error {:.3f}):",
        samples == "gaussian" ? "twin's" : "images'",
        rows.At(0, "points"),
        rows.At(0, "mean_error"));
    for (const std::string theory : {"spiked", "anisotropic", "mixed"}) {
      const NumberRows r = rows.Where("theory", theory);
      text += fmt::format("{} {} {:.3f} (greatest at sigma {}, k = {}: {:.2f} against {:.2f})",
                          theory == "spiked" ? "" : ",",
                          theory,
                          r.At(0, "mean_gap"),
                          SigmaText(r.At(0, "at_sigma")),
                          r.At(0, "at_k"),
                          r.At(0, "theory_there"),
                          r.At(0, "simulated_there"));
    }
    text += "\n";
  }
  return text;
}

// The worst well-measured failure of the spiked form among modes that are half seen.
std::string Example(const PcaRun& run, double n) {
  const NumberRows rows = NumberRows(run.alignment).Where("n", n);
  std::size_t best = rows.Count();
  double distance = 0;
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    const double twin = rows.At(i, "gaussian_cos2"), error = rows.At(i, "gaussian_cos2_error");
    if (twin < 0.3 || twin > 0.7 || !std::isfinite(error)) continue;
    const double gap = std::abs(rows.At(i, "cos2_spiked") - twin) - 5 * error;
    if (gap <= distance) continue;
    distance = gap;
    best = i;
  }
  if (best == rows.Count()) return "";
  return fmt::format(
      "for example sigma {}, k = {}: cos^2 {} of images, {} of the twin; spiked {:.2f}, "
      "anisotropic {:.2f}, mixed {:.2f}\n",
      SigmaText(rows.At(best, "sigma")),
      rows.At(best, "k"),
      PlusMinus(rows.At(best, "images_cos2"), rows.At(best, "images_cos2_error")),
      PlusMinus(rows.At(best, "gaussian_cos2"), rows.At(best, "gaussian_cos2_error")),
      rows.At(best, "cos2_spiked"),
      rows.At(best, "cos2_anisotropic"),
      rows.At(best, "cos2_mixed"));
}

std::string AboveEdge(const PcaRun& run, double n) {
  const NumberRows rows = NumberRows(run.above_edge).Where("n", n);
  std::string text = "eigenvalues above the edge of the noise:";
  for (const std::size_t i : EvenChoice(rows.Count(), 3))
    text += fmt::format("{} {:.1f} of images, {:.1f} of the twin, {} modes predicted at sigma {}",
                        i == 0 ? "" : ";",
                        rows.At(i, "images"),
                        rows.At(i, "gaussian"),
                        rows.At(i, "predicted"),
                        SigmaText(rows.At(i, "sigma")));
  return text + "\n";
}

}  // namespace

std::string PcaFindings(const RunFolder& folder) {
  const PcaRun run = ReadPcaRun(folder);
  std::string text = Extent(run) + SpectrumLines(run) + Wiener(run);
  for (const double n : run.n)
    text += fmt::format("bases of n = {} noisy images:\n", n) + AboveEdge(run, n) +
            LevelsAt(run, n) + FrequencyOfCensored(run, n) + Statistics(run, n) + Theories(run, n) +
            Example(run, n);
  return text +
         "the Gaussian twin knows lambda and no frequency: what it shares with the images follows "
         "from lambda alone\n";
}

}  // namespace denoscope
