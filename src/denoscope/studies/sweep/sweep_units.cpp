#include "denoscope/studies/sweep/sweep_units.h"

namespace denoscope {

std::string SweepUnit::Name() const {
  return is_evaluation ? EvaluationName(key.sigma, null) : CellName(key);
}

std::vector<SweepUnit> SweepUnits(const Json& identity) {
  const Json& options = identity["options"];
  const auto sigmas = options["sigmas"].get<std::vector<double>>();
  std::vector<SweepUnit> units;
  const auto evaluate = [&](const std::string& null) {
    for (std::size_t s = 0; s < sigmas.size(); ++s)
      units.push_back({true, null, {0, static_cast<std::int64_t>(s), 0, sigmas[s]}});
  };
  if (options["evaluation_images"] > 0) evaluate("");
  for (const Json& null : identity.value("nulls", Json::array())) evaluate(null);
  for (std::size_t s = 0; s < sigmas.size(); ++s)
    for (const auto& image : options["images"])
      for (std::int64_t draw = 0; draw < options["draws"].get<std::int64_t>(); ++draw)
        units.push_back({false, "", {image, static_cast<std::int64_t>(s), draw, sigmas[s]}});
  return units;
}

}  // namespace denoscope
