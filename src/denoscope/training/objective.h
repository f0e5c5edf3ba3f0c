// What training minimises: E w(sigma) |D(x + sigma z, sigma) - x|^2 / d over clean images x, noise
// z ~ N(0, I) and noise levels sigma from a law on [low, high].
//
//   log-uniform   ln sigma uniform
//   uniform       sigma uniform: most of it at high noise
//   log-normal    ln sigma ~ N(mean, deviation^2), cut to the range (Karras et al. 2022: -1.2, 1.2)
//
//   plain   w = 1: the error as it is, ruled by the highest noise
//   edm     w = (sigma^2 + q^2)/(sigma q)^2, q the root mean square of the data: the same relative
//           accuracy at every level (Karras et al. 2022, table 1)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/base/enum_names.h"
#include "denoscope/base/random.h"
#include "denoscope/denoise/denoiser.h"

namespace denoscope {

enum class NoiseLaw { kLogUniform, kUniform, kLogNormal };
template <>
struct EnumNames<NoiseLaw> {
  static constexpr const char* kWhat = "noise law";
  static constexpr EnumName<NoiseLaw> kNames[] = {{NoiseLaw::kLogUniform, "log-uniform"},
                                                  {NoiseLaw::kUniform, "uniform"},
                                                  {NoiseLaw::kLogNormal, "log-normal"}};
};

enum class Weighting { kPlain, kEdm };
template <>
struct EnumNames<Weighting> {
  static constexpr const char* kWhat = "weighting";
  static constexpr EnumName<Weighting> kNames[] = {{Weighting::kPlain, "plain"},
                                                   {Weighting::kEdm, "edm"}};
};

struct Objective {
  NoiseLaw law = NoiseLaw::kLogUniform;
  double log_mean = -1.2, log_deviation = 1.2;  // of kLogNormal; deviation > 0
  Weighting weighting = Weighting::kEdm;

  void Check() const;
};

// `count` levels, one from each of as many parts of equal probability: stratified, so that a small
// batch sees the whole range. low = high gives that level.
std::vector<double> DrawSigmas(const Objective& objective,
                               const SigmaRange& range,
                               std::int64_t count,
                               RandomStream& random);

double LossWeight(const Objective& objective, double sigma, double data_rms);

}  // namespace denoscope
