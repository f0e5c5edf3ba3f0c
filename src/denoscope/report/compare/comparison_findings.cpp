#include "denoscope/report/compare/comparison_findings.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "denoscope/report/compare/comparison_run.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

std::string ValueText(const Json& value) {
  constexpr std::size_t kMost = 40;
  if (value.is_null()) return "nothing";
  if (value.is_array() && value.size() > 1 && value.front().is_number() && value.back().is_number())
    return fmt::format("{} values, {:.3g} to {:.3g}",
                       value.size(),
                       value.front().get<double>(),
                       value.back().get<double>());
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return text.size() > kMost ? text.substr(0, kMost) + ".." : text;
}

// A hash says nothing new beside names or hashes that differ already.
bool Implied(const std::string& place, const Json& differences) {
  constexpr const char* kHash = ".sha256";
  const std::size_t dot = place.rfind(kHash);
  if (dot == std::string::npos) return false;
  const std::string part = place.substr(0, dot);
  return differences.contains(part + ".name") ||
         (part == "reference" && differences.contains("data.sha256"));
}

std::string DifferenceLines(const Json& differences) {
  std::string text;
  for (const auto& [place, values] : differences.items()) {
    if (Implied(place, differences)) continue;
    text += "differ in " + place + ": ";
    for (std::size_t i = 0; i < values.size(); ++i)
      text += (i == 0 ? "" : " | ") + ValueText(values[i]);
    text += "\n";
  }
  if (text.empty()) return "differ in nothing that decides their content\n";
  if (differences.contains("options.sigmas"))
    text +=
        "their noise levels differ: levels sigma_half stand side by side, errors only where "
        "noise levels meet\n";
  return text;
}

std::string OrderLine(const RunBeside& run) {
  return fmt::format(
      "{}: sigma_half of {} modes, {} more censored; rank correlation with lambda {}, with "
      "frequency {}, with frequency given lambda {}; slope of log sigma_half on log lambda {}; "
      "Wiener {}, {}, {}, {}\n",
      run.label,
      run.deep.modes,
      run.deep.censored,
      EstimateText(run.deep.rank_lambda),
      EstimateText(run.deep.rank_frequency),
      EstimateText(run.deep.partial_frequency),
      EstimateText(run.deep.slope),
      Decimal(run.linear.rank_lambda.value),
      Decimal(run.linear.rank_frequency.value),
      Decimal(run.linear.partial_frequency.value),
      Decimal(run.linear.slope.value));
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Of the finite, positive ratios of one column to another over the modes of a run.
std::string MedianRatio(const NumberRows& modes,
                        const std::string& over,
                        const std::string& under) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < modes.Count(); ++i)
    if (const double ratio = modes.At(i, over) / modes.At(i, under);
        std::isfinite(ratio) && ratio > 0)
      ratios.push_back(ratio);
  if (ratios.empty()) return "undefined";
  return fmt::format("{:.3g} over {}", Median(ratios), Counted(ratios.size(), "mode"));
}

std::string NeverInTheory(const NumberRows& modes) {
  const std::size_t never = modes.Where("plug_in_half_resolved", 0).Count();
  return never == 0 ? "" : fmt::format(" ({} never halve in theory)", never);
}

std::string HalvesLine(const RunBeside& run, const NumberRows& modes) {
  std::string text = fmt::format("{}: sigma_half over Wiener's, median {}",
                                 run.label,
                                 MedianRatio(modes, "deep_half_resolved", "linear_half_resolved"));
  if (run.n > 0)
    text += fmt::format("; learned from {} images: over the plug-in theory's, median {}{}",
                        run.n,
                        MedianRatio(modes, "deep_half_resolved", "plug_in_half_resolved"),
                        NeverInTheory(modes));
  return text + "\n";
}

std::string ErrorLine(const RunBeside& run, const NumberRows& levels) {
  std::size_t best = levels.Count(), worst = best;
  for (std::size_t i = 0; i < levels.Count(); ++i) {
    const double ratio = levels.At(i, "ratio");
    if (!std::isfinite(ratio)) continue;
    if (best == levels.Count() || ratio < levels.At(best, "ratio")) best = i;
    if (worst == levels.Count() || ratio > levels.At(worst, "ratio")) worst = i;
  }
  if (best == levels.Count()) return "";
  const auto at = [&](std::size_t i) {
    const double error = levels.At(i, "ratio_error");
    return fmt::format("{:.3f}{} at sigma {}",
                       levels.At(i, "ratio"),
                       std::isfinite(error) ? fmt::format(" +- {:.3f}", error) : "",
                       SigmaText(levels.At(i, "sigma")));
  };
  return fmt::format("{}: MSE over Wiener's: best {}, worst {}\n", run.label, at(best), at(worst));
}

// Of each other run, paired cell by cell with the first.
std::string SharedLines(const std::vector<RunBeside>& runs, const NumberRows& cells) {
  if (cells.Empty()) return "no cell is shared by all of them\n";
  const NumberRows first = cells.Where("run", 0);
  std::string text = fmt::format("{} shared by all of them, {} at {}",
                                 Counted(first.Count(), "cell"),
                                 Counted(first.Distinct("image").size(), "image"),
                                 Counted(first.Distinct("sigma").size(), "noise level"));
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const NumberRows own = cells.Where("run", static_cast<double>(i));
    std::vector<double> ratios;
    for (std::size_t row = 0; row < own.Count(); ++row)
      ratios.push_back(own.At(row, "mse") / first.At(row, "mse"));
    text += fmt::format("; error of {} there over that of {}, median {:.3g}",
                        runs[i].label,
                        runs[0].label,
                        Median(ratios));
  }
  return text + "\n";
}

// +1 or -1 where the estimate, with its interval, is on one side of 0; else 0.
int Sign(const IntervalEstimate& e) {
  const double low = std::isfinite(e.low) ? e.low : e.value;
  const double high = std::isfinite(e.high) ? e.high : e.value;
  return low > 0 ? 1 : high < 0 ? -1 : 0;
}

std::string Listed(const std::vector<RunBeside>& runs,
                   const std::function<double(const RunBeside&)>& value) {
  std::string text;
  for (const RunBeside& run : runs) text += (text.empty() ? "" : ", ") + Decimal(value(run));
  return text;
}

std::string Verdict(const std::vector<RunBeside>& runs) {
  if (!HasControl(runs))
    return "no control among them: over the modes of every run lambda and frequency go together "
           "the same way, so that these runs cannot tell which of the two orders emergence\n";
  const auto all = [&](const auto& holds) { return std::all_of(runs.begin(), runs.end(), holds); };
  const bool variance = all([](const RunBeside& run) {
    return Sign(run.deep.rank_lambda) > 0 &&
           Sign(run.deep.rank_frequency) == (run.lambda_frequency > 0 ? 1 : -1);
  });
  const int side = Sign(runs.front().deep.rank_frequency);
  const bool frequency =
      side != 0 && all([&](const RunBeside& run) {
        return Sign(run.deep.rank_frequency) == side &&
               Sign(run.deep.rank_lambda) == (run.lambda_frequency > 0 ? side : -side);
      });
  return fmt::format(
      "control: over the modes the rank correlation of lambda with frequency is {}, that of "
      "sigma_half with lambda {}, with frequency {}: {}\n",
      Listed(runs, [](const RunBeside& run) { return run.lambda_frequency; }),
      Listed(runs, [](const RunBeside& run) { return run.deep.rank_lambda.value; }),
      Listed(runs, [](const RunBeside& run) { return run.deep.rank_frequency.value; }),
      variance    ? "emergence follows variance, whichever frequency carries it"
      : frequency ? "emergence follows frequency, whatever its variance"
                  : "neither orders emergence in all of them");
}

}  // namespace

std::string ComparisonFindings(const RunFolder& run) {
  const Comparison comparison = ReadComparison(run.Path());
  const std::filesystem::path source = run.Path() / "compare.json";
  const std::vector<RunBeside> runs = RunsOf(comparison, source);
  std::string text = fmt::format("{} side by side\n", Counted(runs.size(), "run"));
  text += DifferenceLines(JsonField<Json>(comparison.summary, "differences", source));
  const NumberRows halves(comparison.halves), levels(comparison.levels);
  std::string rows[3];
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto number = static_cast<double>(i);
    rows[0] += ErrorLine(runs[i], levels.Where("run", number));
    rows[1] += HalvesLine(runs[i], halves.Where("run", number));
    rows[2] += OrderLine(runs[i]);
  }
  text += SharedLines(runs, NumberRows(comparison.cells));
  return text + rows[0] + rows[1] + rows[2] + Verdict(runs);
}

}  // namespace denoscope
