// What a spiked study is asked for (spiked_study.h).
#pragma once

#include <cstdint>
#include <vector>

namespace denoscope {

struct SpikedStudyOptions {
  std::vector<std::int64_t> d = {200, 800};    // dimensions, >= 4, distinct
  std::vector<double> ratios = {0.5, 1, 3};    // n/d, > 0, distinct
  std::vector<double> strengths;               // t in thresholds, > 0, distinct; empty: 12
  std::vector<double> spectrum;                // variances lambda, >= 0; empty: the power law
  double power_scale = 10, power_decay = 1.2;  // lambda_k = scale (k + 1)^-decay, > 0, >= 0
  std::vector<double> sigmas;                  // noise levels on that, > 0; empty: 8, 0.1 to 4
  std::int64_t modes = 20;                     // leading modes compared, 1 to min(n - 1, d)
  std::int64_t trials = 100;                   // >= 2: one trial has no standard error
  std::uint64_t seed = 0;

  void Check() const;
};

template <typename Visit>
void EachOption(SpikedStudyOptions& o, const Visit& visit) {
  auto& [d, ratios, strengths, spectrum, power_scale, power_decay, sigmas, modes, trials, seed] = o;
  visit("d", d);
  visit("ratios", ratios);
  visit("strengths", strengths);
  visit("spectrum", spectrum);
  visit("power_scale", power_scale);
  visit("power_decay", power_decay);
  visit("sigmas", sigmas);
  visit("modes", modes);
  visit("trials", trials);
  visit("seed", seed);
}

// The options with what was left empty, lists sorted: variances descending, all else ascending.
SpikedStudyOptions ResolveSpikedStudy(SpikedStudyOptions options);

}  // namespace denoscope
