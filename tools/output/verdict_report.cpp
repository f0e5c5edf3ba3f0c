#include "tools/output/verdict_report.h"

#include <algorithm>

namespace denoscope {

std::string VerdictText(const Verdict& verdict) {
  std::string text;
  for (const Check& check : verdict.checks)
    text += fmt::format("{:<8} {}: {}.\n         ({})\n",
                        NameOf(check.outcome),
                        check.name,
                        check.finding,
                        check.limits);
  const auto count = [&](Outcome outcome) {
    return std::count_if(verdict.checks.begin(), verdict.checks.end(), [&](const Check& check) {
      return check.outcome == outcome;
    });
  };
  return text + fmt::format("verdict  {} passed, {} in doubt, {} failed, {} not tested\n",
                            count(Outcome::kPass),
                            count(Outcome::kDoubt),
                            count(Outcome::kFail),
                            count(Outcome::kUntested));
}

Json VerdictJson(const Verdict& verdict) {
  Json json = {{"failed", verdict.Failed()}, {"checks", Json::array()}, {"levels", Json::array()}};
  for (const Check& check : verdict.checks)
    json["checks"].push_back({{"name", check.name},
                              {"outcome", NameOf(check.outcome)},
                              {"finding", check.finding},
                              {"limits", check.limits}});
  const auto ratio = [](const MeanRatio& r) {
    return Json({{"value", r.value}, {"error", r.error}});
  };
  for (const LevelFindings& level : verdict.levels)
    json["levels"].push_back({{"sigma", level.sigma},
                              {"images", level.errors.images},
                              {"mse", level.errors.mse},
                              {"wiener_mse", level.errors.linear_mse},
                              {"multiple_mse", level.multiple_mse},
                              {"training_mse", level.training_mse},
                              {"calibration", ratio(level.calibration.whole)},
                              {"slope", ratio(level.calibration.slope)},
                              {"wiener_distance", ratio(level.calibration.distance)},
                              {"asymmetry", level.asymmetry},
                              {"negative_mass", level.negative_mass},
                              {"memory_distance", ratio(level.memory_distance)}});
  if (verdict.readings.empty()) return json;
  Json best;
  AddToJson(verdict.readings.front().reading, best);
  json["best_reading"] = best;
  return json;
}

}  // namespace denoscope
