#include "denoscope/studies/sweep/sweep_units.h"

#include <fmt/format.h>

namespace denoscope {

std::string SweepUnit::Name() const {
  return is_evaluation ? EvaluationName(key.sigma, null) : CellName(key);
}

std::string SweepUnit::Note() const { return fmt::format("sigma {:.3g}", key.sigma); }

std::vector<SweepUnit> SweepUnits(const SweepOptions& options,
                                  const std::vector<std::string>& nulls) {
  const std::vector<double>& sigmas = options.sigmas;
  std::vector<SweepUnit> units;
  const auto evaluate = [&](const std::string& null) {
    for (std::size_t s = 0; s < sigmas.size(); ++s)
      units.push_back({true, null, {0, static_cast<std::int64_t>(s), 0, sigmas[s]}});
  };
  if (options.evaluation.images > 0) evaluate("");
  for (const std::string& null : nulls) evaluate(null);
  for (std::size_t s = 0; s < sigmas.size(); ++s)
    for (const std::int64_t image : options.images)
      for (std::int64_t draw = 0; draw < options.draws; ++draw)
        units.push_back({false, "", {image, static_cast<std::int64_t>(s), draw, sigmas[s]}});
  return units;
}

}  // namespace denoscope
