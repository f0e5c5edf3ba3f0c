#include "denoscope/report/spiked/spiked_findings.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "denoscope/report/plots/number_rows.h"
#include "denoscope/results/spiked_columns.h"

namespace denoscope {
namespace {

constexpr double kWellAbove = 1.5;                      // thresholds
constexpr double kStandardErrors = 3, kFiniteSize = 8;  // and 8/d of the theory's value
constexpr double kShareExpected = 0.95;

bool Agrees(const NumberRows& rows, std::size_t i, const std::string& quantity) {
  const double theory = rows.At(i, quantity + "_theory");
  const double gap = std::abs(rows.At(i, quantity) - theory);
  return gap <= kStandardErrors * rows.At(i, quantity + "_error") +
                    kFiniteSize / rows.At(i, "d") * std::abs(theory);
}

bool IsWellAbove(const NumberRows& rows, std::size_t i) {
  return rows.At(i, "strength_in_thresholds") >= kWellAbove;
}

class MeanGap {
 public:
  void Add(double gap) {
    if (!std::isfinite(gap)) return;
    sum_ += std::abs(gap);
    ++count_;
  }
  std::size_t Count() const { return count_; }
  double Mean() const { return sum_ / static_cast<double>(count_); }
  std::string Text() const { return count_ ? fmt::format("{:.2g}", Mean()) : "none"; }

 private:
  double sum_ = 0;
  std::size_t count_ = 0;
};

std::string Extent(const NumberRows& spikes) {
  const std::vector<double> strengths = spikes.Distinct("strength_in_thresholds");
  return fmt::format(
      "one spike at {} strengths, {:.3g} to {:.3g} thresholds, d = {}, {} cases of d "
      "and n, {} trials each\n",
      strengths.size(),
      strengths.front(),
      strengths.back(),
      fmt::join(spikes.Distinct("d"), ", "),
      spikes.Count() / strengths.size(),
      spikes.At(0, "trials"));
}

std::string AgreementText(const Table& table, const std::string& quantity) {
  const Agreement a = SpikeAgreement(table, quantity);
  if (a.points == 0) return fmt::format("{}: no such point", quantity);
  std::string misses;
  const NumberRows rows(table);
  for (std::size_t i = 0; i < rows.Count(); ++i)
    if (IsWellAbove(rows, i) && !Agrees(rows, i, quantity))
      misses += fmt::format(
          "; not d = {}, n = {}, t = {:.3g} thresholds: {:.4f} +- {:.4f} against "
          "{:.4f}",
          rows.At(i, "d"),
          rows.At(i, "n"),
          rows.At(i, "strength_in_thresholds"),
          rows.At(i, quantity),
          rows.At(i, quantity + "_error"),
          rows.At(i, quantity + "_theory"));
  return fmt::format("{} at {} of {} ({:.0f} %, {} 95 %){}",
                     quantity,
                     a.agreeing,
                     a.points,
                     100 * a.Share(),
                     a.Share() >= kShareExpected ? "at least" : "below",
                     misses);
}

// The mean gap at each d, cos^2 absolute and eigenvalue relative, near and below the threshold or
// well above it.
std::string Gaps(const NumberRows& spikes, bool well_above) {
  std::string text;
  for (const double d : spikes.Distinct("d")) {
    const NumberRows rows = spikes.Where("d", d);
    MeanGap cos2, eigenvalue;
    for (std::size_t i = 0; i < rows.Count(); ++i) {
      if (IsWellAbove(rows, i) != well_above) continue;
      cos2.Add(rows.At(i, "cos2") - rows.At(i, "cos2_theory"));
      eigenvalue.Add(rows.At(i, "eigenvalue") / rows.At(i, "eigenvalue_theory") - 1);
    }
    text += fmt::format("{}d = {}: cos2 {}, eigenvalue {} (relative)",
                        text.empty() ? "" : "; ",
                        d,
                        cos2.Text(),
                        eigenvalue.Text());
  }
  return text + "\n";
}

std::string SpikeLines(const Table& table) {
  const NumberRows rows(table);
  return Extent(rows) +
         fmt::format(
             "within {} standard errors + {}/d (relative) of theory, of the points at least "
             "{} thresholds strong: {}; {}\n",
             kStandardErrors,
             kFiniteSize,
             kWellAbove,
             AgreementText(table, "cos2"),
             AgreementText(table, "eigenvalue")) +
         "mean gap to theory of the other points, " + Gaps(rows, false) +
         "mean gap well above the threshold, " + Gaps(rows, true);
}

std::string BulkLines(const Table& fits, const Table& positions) {
  const NumberRows rows(fits), spikes(positions);
  std::string text = fmt::format(
      "Marchenko-Pastur at d = {}: greatest distance of distribution functions", rows.At(0, "d"));
  for (std::size_t i = 0; i < rows.Count(); ++i)
    text += fmt::format(
        "\n  n = {}: {:.4f} +- {:.4f}, largest noise eigenvalue {:.3f} +- {:.3f} "
        "against the edge {:.3f}",
        rows.At(i, "n"),
        rows.At(i, "kolmogorov_distance"),
        rows.At(i, "kolmogorov_distance_error"),
        rows.At(i, "largest_noise"),
        rows.At(i, "largest_noise_error"),
        rows.At(i, "upper_edge"));
  MeanGap visible;
  for (std::size_t i = 0; i < spikes.Count(); ++i)
    if (spikes.At(i, "strength_in_thresholds") > 1)
      visible.Add(spikes.At(i, "eigenvalue") / spikes.At(i, "eigenvalue_theory") - 1);
  return text +
         fmt::format("\nspikes in it, mean relative gap of visible ones: {}\n", visible.Text());
}

// Over all modes and noise levels of one n.
std::string CrowdedAt(const NumberRows& rows) {
  MeanGap spiked, anisotropic, mixed, error, value_spiked, value_anisotropic;
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    const double cos2 = rows.At(i, "cos2"), eigenvalue = rows.At(i, "eigenvalue");
    spiked.Add(rows.At(i, "cos2_spiked") - cos2);
    anisotropic.Add(rows.At(i, "cos2_anisotropic") - cos2);
    mixed.Add(rows.At(i, "cos2_mixed") - cos2);
    error.Add(rows.At(i, "cos2_error"));
    const double anisotropic_value = rows.At(i, "eigenvalue_anisotropic");
    if (!std::isfinite(anisotropic_value)) continue;
    value_spiked.Add(rows.At(i, "eigenvalue_spiked") / eigenvalue - 1);
    value_anisotropic.Add(anisotropic_value / eigenvalue - 1);
  }
  return fmt::format(
      "n = {}: spiked {}, anisotropic {}, mixed {} (standard error {}); eigenvalue, "
      "relative, of the {} visible: spiked {}, anisotropic {}",
      rows.At(0, "n"),
      spiked.Text(),
      anisotropic.Text(),
      mixed.Text(),
      error.Text(),
      value_anisotropic.Count(),
      value_spiked.Text(),
      value_anisotropic.Text());
}

std::string FarthestOff(const NumberRows& rows, const std::string& theory) {
  std::size_t worst = 0;
  const auto gap = [&](std::size_t i) {
    return std::abs(rows.At(i, "cos2_" + theory) - rows.At(i, "cos2"));
  };
  for (std::size_t i = 1; i < rows.Count(); ++i)
    if (gap(i) > gap(worst)) worst = i;
  return fmt::format(
      "the {} form is farthest off at n = {}, sigma {:.3g}, k = {}: cos2 {:.3f} +- "
      "{:.3f} simulated, spiked {:.3f}, anisotropic {:.3f}, mixed {:.3f}\n",
      theory,
      rows.At(worst, "n"),
      rows.At(worst, "sigma"),
      rows.At(worst, "k"),
      rows.At(worst, "cos2"),
      rows.At(worst, "cos2_error"),
      rows.At(worst, "cos2_spiked"),
      rows.At(worst, "cos2_anisotropic"),
      rows.At(worst, "cos2_mixed"));
}

std::string CrowdedLines(const Table& table) {
  const NumberRows rows(table);
  std::string text = fmt::format(
      "a whole spectrum, d = {}, {} modes at {} noise levels: mean |cos2 - simulated| of each "
      "theory",
      rows.At(0, "d"),
      rows.Distinct("k").size(),
      rows.Distinct("sigma").size());
  const std::vector<double> samples = rows.Distinct("n");
  for (std::size_t i = 0; i < samples.size(); ++i)
    text += "\n  " + CrowdedAt(rows.Where("n", samples[i]));
  return text + "\n" + FarthestOff(rows, "spiked") + FarthestOff(rows, "mixed");
}

std::string AligningLines(const Table& table) {
  const NumberRows rows(table);
  std::string text =
      "noise level where cos2 is 1/2, mean relative gap over the modes that reach it";
  for (const double n : rows.Distinct("n")) {
    const NumberRows at = rows.Where("n", n);
    MeanGap spiked, anisotropic, mixed;
    std::size_t censored = 0, rising = 0;
    for (std::size_t k = 0; k < at.Count(); ++k) {
      const double found = at.At(k, "sigma_aligning");
      censored += std::isfinite(found) ? 0 : 1;
      spiked.Add(at.At(k, "sigma_aligning_spiked") / found - 1);
      anisotropic.Add(at.At(k, "sigma_aligning_anisotropic") / found - 1);
      mixed.Add(at.At(k, "sigma_aligning_mixed") / found - 1);
      if (k > 0 && found > at.At(k - 1, "sigma_aligning")) ++rising;
    }
    text += fmt::format(
        "\n  n = {}: spiked {}, anisotropic {}, mixed {}, {} of {} modes censored, {} at more "
        "noise "
        "than the mode before",
        n,
        spiked.Text(),
        anisotropic.Text(),
        mixed.Text(),
        censored,
        at.Count(),
        rising);
  }
  return text + "\n";
}

std::string GainLine(const NumberRows& rows, const std::string& method) {
  MeanGap naive, theory, error;
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    naive.Add(rows.At(i, "gain_naive") - rows.At(i, "gain"));
    theory.Add(rows.At(i, "gain_theory") - rows.At(i, "gain"));
    error.Add(rows.At(i, "gain_error"));
  }
  return fmt::format(
      "{}: mean |gain - simulated| of {} gains: lambda/(lambda+sigma^2) {}, theory {} "
      "(standard error {})",
      method,
      rows.Count(),
      naive.Text(),
      theory.Text(),
      error.Text());
}

// Of one method: how far its theory is from simulation, relative, and what learning cost.
std::string ErrorLine(const NumberRows& rows) {
  MeanGap mse, belief;
  std::size_t without = 0;
  std::optional<std::size_t> dearest;
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    belief.Add(rows.At(i, "belief_theory") / rows.At(i, "belief") - 1);
    if (!std::isfinite(rows.At(i, "mse_theory"))) {
      ++without;
      continue;
    }
    mse.Add(rows.At(i, "mse_theory") / rows.At(i, "mse") - 1);
    const auto cost = [&](std::size_t j) { return rows.At(j, "mse") / rows.At(j, "mmse"); };
    if (!dearest || cost(i) > cost(*dearest)) dearest = i;
  }
  std::string text = fmt::format(
      "; mean relative gap of the error {}, of the error it expects {}", mse.Text(), belief.Text());
  if (without > 0) text += fmt::format("; {} cases near n - 1 = d have no mean error", without);
  if (dearest)
    text += fmt::format(
        "; dearest at n = {}, sigma {:.3g}: error {:.4g} +- {:.2g} (theory {:.4g}), "
        "least possible {:.4g}, expected of itself {:.4g}",
        rows.At(*dearest, "n"),
        rows.At(*dearest, "sigma"),
        rows.At(*dearest, "mse"),
        rows.At(*dearest, "mse_error"),
        rows.At(*dearest, "mse_theory"),
        rows.At(*dearest, "mmse"),
        rows.At(*dearest, "belief"));
  return text + "\n";
}

std::string LearningLines(const Table& learning, const Table& gains) {
  std::string text;
  for (const char* method : {"plug-in", "regression"})
    text += GainLine(NumberRows(gains).Where("method", method), method) +
            ErrorLine(NumberRows(learning).Where("method", method));
  return text;
}

}  // namespace

Agreement SpikeAgreement(const Table& spikes, const std::string& quantity) {
  const NumberRows rows(spikes);
  Agreement a;
  for (std::size_t i = 0; i < rows.Count(); ++i) {
    if (!IsWellAbove(rows, i)) continue;
    ++a.points;
    a.agreeing += Agrees(rows, i, quantity) ? 1 : 0;
  }
  return a;
}

std::string SpikedFindings(const RunFolder& run) {
  return SpikeLines(run.ReadTable(kSpikedSpikes)) +
         BulkLines(run.ReadTable(kSpikedBulkFit), run.ReadTable(kSpikedBulkSpikes)) +
         CrowdedLines(run.ReadTable(kSpikedModes)) + AligningLines(run.ReadTable(kSpikedAligning)) +
         LearningLines(run.ReadTable(kSpikedLearning), run.ReadTable(kSpikedGains));
}

}  // namespace denoscope
