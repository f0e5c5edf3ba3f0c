#include "denoscope/theory/diffusion/schedule.h"

#include <cmath>
#include <string_view>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

void CheckPositive(double value, std::string_view name) {
  if (std::isfinite(value) && value > 0) return;
  throw Error("schedule: {} is {}, expected a finite number above 0", name, value);
}

// Of the way from the largest level (0) to the smallest (1).
double Level(const ScheduleOptions& options, double share) {
  switch (options.kind) {
    case Schedule::kKarras: {
      const double first = std::pow(options.largest, 1 / options.rho);
      const double last = std::pow(options.smallest, 1 / options.rho);
      return std::pow(first + share * (last - first), options.rho);
    }
    case Schedule::kGeometric:
      return options.largest * std::pow(options.smallest / options.largest, share);
    case Schedule::kConstantVariance: {
      const double n = static_cast<double>(options.levels);
      return options.largest * std::sqrt((n - share * (n - 1)) / n);
    }
  }
  throw Error("schedule: kind is {}, expected 0 to 2", static_cast<int>(options.kind));
}

}  // namespace

void ScheduleOptions::Check() const {
  if (levels < 2) throw Error("schedule: levels is {}, expected at least 2", levels);
  CheckPositive(largest, "largest");
  if (kind == Schedule::kConstantVariance) return;
  CheckPositive(smallest, "smallest");
  if (!(smallest < largest)) {
    throw Error("schedule: smallest is {}, expected a number below largest, {}", smallest, largest);
  }
  if (kind == Schedule::kKarras) CheckPositive(rho, "rho");
}

VectorXd NoiseLevels(const ScheduleOptions& options) {
  options.Check();
  VectorXd levels(options.levels);
  for (Index i = 0; i < options.levels; ++i)
    levels(i) = Level(options, static_cast<double>(i) / static_cast<double>(options.levels - 1));
  levels(0) = options.largest;
  if (options.kind != Schedule::kConstantVariance) levels(options.levels - 1) = options.smallest;
  CheckNoiseLevels(levels);
  return levels;
}

void CheckNoiseLevels(const VectorXd& levels) {
  if (levels.size() < 2) {
    throw Error("schedule: {} noise levels, expected at least 2", levels.size());
  }
  for (Index i = 0; i < levels.size(); ++i) {
    if (!(std::isfinite(levels(i)) && levels(i) > 0)) {
      throw Error("schedule: noise level {} is {}, expected a finite number above 0", i, levels(i));
    }
    if (i > 0 && !(levels(i) < levels(i - 1))) {
      throw Error("schedule: noise level {} is {} after {}, expected strictly decreasing levels",
                  i,
                  levels(i),
                  levels(i - 1));
    }
  }
}

}  // namespace denoscope
