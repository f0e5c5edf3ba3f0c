#include "denoscope/studies/diffuse/diffuse_options.h"

#include <algorithm>
#include <tuple>

#include "denoscope/base/error.h"

namespace denoscope {

void DiffuseStudyOptions::Check() const {
  StudiedLevels(*this);
  ChainOptions{n, 1, seed}.Check(1);
  for (const auto& [name, value, least] : {std::tuple{"rank", rank, 1},
                                           std::tuple{"trials", trials, 1},
                                           std::tuple{"starts", starts, 2},
                                           std::tuple{"modes", modes, 2}})
    if (value < least)
      throw Error("diffuse study: {} is {}, expected at least {}", name, value, least);
  if (taus.empty()) throw Error("diffuse study: no tau, expected at least one");
  for (const std::int64_t tau : taus) {
    if (tau < 1) throw Error("diffuse study: tau is {}, expected at least 1", tau);
    if (std::count(taus.begin(), taus.end(), tau) > 1)
      throw Error("diffuse study: tau {} is given twice", tau);
  }
}

std::vector<NamedLevels> StudiedLevels(const DiffuseStudyOptions& options) {
  ScheduleOptions schedule = options.schedule;
  std::vector<NamedLevels> all;
  if (options.sigmas.empty()) {
    all.push_back({NameOf(schedule.kind), NoiseLevels(schedule)});
  } else {
    const auto count = static_cast<Eigen::Index>(options.sigmas.size());
    all.push_back({"given", Eigen::Map<const Eigen::VectorXd>(options.sigmas.data(), count)});
    CheckNoiseLevels(all.front().levels);
    schedule.levels = count;
    schedule.largest = options.sigmas.front();
    schedule.smallest = options.sigmas.back();
  }
  for (const auto& [kind, name] : EnumNames<Schedule>::kNames) {
    schedule.kind = kind;
    if (name != all.front().name) all.push_back({name, NoiseLevels(schedule)});
  }
  return all;
}

}  // namespace denoscope
