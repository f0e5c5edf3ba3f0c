#include "denoscope/report/diffuse/diffuse_findings.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/diffuse/diffuse_run.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

constexpr double kHighNoise = 0.02;  // sum of lambda_0 / sigma^2 up to which power iteration holds

std::string Extent(const DiffuseRun& run) {
  const NumberRows rows = run.Steps("wiener");
  const std::size_t levels = rows.Count() - 1;
  return fmt::format(
      "{}: spectrum of {} images, d = {}; {} schedule, {} levels, sigma {} to {}; {} starts {}; "
      "learned bases: {}\n",
      run.data,
      run.reference.n,
      run.Size(),
      run.schedule,
      levels,
      SigmaText(rows.At(0, "sigma")),
      SigmaText(rows.At(levels - 1, "sigma")),
      run.starts,
      run.start == "matched" ? "drawn as noisy data" : "of noise alone",
      run.Learning());
}

std::string Processes(const DiffuseRun& run) {
  std::string text;
  const NumberRows verdicts = NumberRows(run.collapse).Where("schedule", run.schedule);
  for (std::size_t i = 0; i < verdicts.Count(); ++i) {
    const std::string& process = verdicts.Text(i, "process");
    const NumberRows rows = run.Steps(process);
    const std::size_t last = rows.Count() - 1;
    text += fmt::format("{}: mean |cos| to u_0 {} from {:.3f}; diversity {:.3g} from {:.3g}; {}\n",
                        process,
                        PlusMinus(rows.At(last, "cosine"), rows.At(last, "cosine_error")),
                        rows.At(0, "cosine"),
                        rows.At(last, "diversity"),
                        rows.At(0, "diversity"),
                        verdicts.Text(i, "status"));
  }
  return text;
}

std::string Predicted(const DiffuseRun& run) {
  std::string text;
  const NumberRows verdicts = NumberRows(run.collapse).Where("schedule", run.schedule);
  for (std::size_t i = 0; i < verdicts.Count(); ++i)
    if (std::isfinite(verdicts.At(i, "predicted_misalignment")))
      text += fmt::format("{}{}: {:.3g} measured, {:.3g} predicted",
                          text.empty() ? "misalignment against what alignments level by level "
                                         "foretell (mean log loss): "
                                       : "; ",
                          verdicts.Text(i, "process"),
                          verdicts.At(i, "misalignment"),
                          verdicts.At(i, "predicted_misalignment"));
  return text.empty() ? text : text + "\n";
}

std::string Power(const DiffuseRun& run) {
  const NumberRows rows = NumberRows(run.power).Where("schedule", run.schedule);
  std::size_t steps = 0;
  while (steps < rows.Count() && rows.At(steps, "ratio_sum") < kHighNoise) ++steps;
  std::string text = "repeated Wiener denoising against power iteration on Sigma: ";
  text += steps == 0
              ? fmt::format("no step of this schedule has sum lambda_0/sigma^2 < {}", kHighNoise)
              : fmt::format(
                    "over the {} with sum lambda_0/sigma^2 < {} mode ratios differ "
                    "by at most {:.2g} %",
                    Counted(steps, "step"),
                    kHighNoise,
                    100 * rows.At(steps - 1, "gap"));
  const std::size_t last = rows.Count() - 1;
  return text + fmt::format("; by a factor of {:.3g} at the end\n", 1 + rows.At(last, "gap"));
}

std::string Ddim(const DiffuseRun& run) {
  std::string text = "DDIM against exact flow, worst variance of a mode:";
  for (const std::string schedule : {"karras", "geometric", "constant"}) {
    const NumberRows rows = NumberRows(run.ddim).Where("schedule", schedule);
    const std::size_t last = rows.Count() - 1;
    text += fmt::format("{} {} {:.2g} at {} levels, {}",
                        schedule == "karras" ? "" : ";",
                        schedule,
                        rows.At(last, "variance_error"),
                        rows.At(last, "levels"),
                        schedule == "constant"
                            ? "which end cleaner the more they are"
                            : fmt::format("order {:.2f}",
                                          std::log2(rows.At(last - 1, "variance_error") /
                                                    rows.At(last, "variance_error"))));
  }
  return text + "\n";
}

std::string Operators(const DiffuseRun& run) {
  std::string text;
  const NumberRows all(run.operators);
  for (const std::string noise : {"fresh", "accumulated"})
    for (const std::string regime : {"high", "low"})
      for (const double tau : all.Distinct("tau")) {
        const NumberRows rows = all.Where("noise", noise).Where("regime", regime).Where("tau", tau);
        if (rows.Count() < 2) continue;
        double consecutive = 0, aligned = 0;
        for (std::size_t k = 1; k < rows.Count(); ++k) {
          consecutive += std::abs(rows.At(k, "consecutive") - rows.At(k, "ratio"));
          aligned += std::abs(rows.At(k, "aligned") - rows.At(k, "ratio"));
        }
        const double modes = static_cast<double>(rows.Count() - 1);
        text += fmt::format(
            "P_tau, {} noise, sigma {} to {}, tau = {}: ratios 1 : {:.3g} : {:.3g} (k = 0, 1, {}); "
            "mean distance of (c_i/c_0)^tau {:.2g} by consecutive overlaps, {:.2g} by alignments; "
            "off the diagonal {:.2g} of the energy\n",
            noise,
            SigmaText(rows.At(0, "sigma_first")),
            SigmaText(rows.At(0, "sigma_last")),
            tau,
            rows.At(1, "ratio"),
            rows.At(rows.Count() - 1, "ratio"),
            rows.Count() - 1,
            consecutive / modes,
            aligned / modes,
            rows.At(0, "off_diagonal_share"));
      }
  return text;
}

std::string Assumption(const DiffuseRun& run) {
  std::string text =
      fmt::format("assumption 4.2, share of |U_t^T U_t+1|^2 off the diagonal (chance {:.2f}):",
                  1 - 1 / static_cast<double>(run.rank));
  for (const std::string noise : {"fresh", "accumulated"}) {
    const NumberRows rows = NumberRows(run.assumption).Where("noise", noise);
    text += noise == "fresh" ? " fresh" : "; accumulated";
    for (const std::size_t i : EvenChoice(rows.Count(), 4))
      text += fmt::format("{} {} at sigma {}",
                          i == 0 ? "" : ",",
                          PlusMinus(rows.At(i, "off_diagonal"), rows.At(i, "off_diagonal_error")),
                          SigmaText(rows.At(i, "sigma")));
  }
  return text + "\n";
}

}  // namespace

std::string DiffuseFindings(const RunFolder& folder) {
  const DiffuseRun run = ReadDiffuseRun(folder);
  return Extent(run) + Processes(run) + Predicted(run) + Power(run) + Ddim(run) + Operators(run) +
         Assumption(run);
}

}  // namespace denoscope
