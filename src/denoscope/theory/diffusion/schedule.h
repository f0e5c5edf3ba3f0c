// Noise schedules: the levels s_0 > s_1 > .. > s_{N-1} > 0 that a reverse process visits.
#pragma once

#include <Eigen/Dense>

#include "denoscope/base/enum_names.h"

namespace denoscope {

enum class Schedule {
  kKarras,            // s_i^(1/rho) evenly spaced: Karras et al. 2022, Eq. 5
  kGeometric,         // log s_i evenly spaced
  kConstantVariance,  // x_t = x_{t-1} + noise of one variance: s^2 = t largest^2 / N, t = N .. 1
};
template <>
struct EnumNames<Schedule> {
  static constexpr const char* kWhat = "schedule";
  static constexpr EnumName<Schedule> kNames[] = {{Schedule::kKarras, "karras"},
                                                  {Schedule::kGeometric, "geometric"},
                                                  {Schedule::kConstantVariance, "constant"}};
};

struct ScheduleOptions {
  Schedule kind = Schedule::kKarras;
  Eigen::Index levels = 100;  // N, >= 2
  double largest = 80;        // s_0, finite
  double smallest = 0.02;     // s_{N-1}, > 0, < largest; unused by kConstantVariance
  double rho = 7;             // of kKarras, > 0

  void Check() const;
};

template <typename Visit>
void EachOption(ScheduleOptions& o, const Visit& visit) {
  auto& [kind, levels, largest, smallest, rho] = o;
  visit("kind", kind);
  visit("levels", levels);
  visit("largest", largest);
  visit("smallest", smallest);
  visit("rho", rho);
}

// The levels, noisiest first; first and last are exactly those asked for.
Eigen::VectorXd NoiseLevels(const ScheduleOptions& options);

// Throws unless a list of levels of the user's own has at least two, all positive and finite, each
// below the one before.
void CheckNoiseLevels(const Eigen::VectorXd& levels);

}  // namespace denoscope
