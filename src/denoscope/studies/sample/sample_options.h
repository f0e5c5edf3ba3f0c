// What a sample study is asked for (sample_study.h).
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "denoscope/jacobian/jacobian_options.h"
#include "denoscope/measure/cell_analysis.h"
#include "denoscope/measure/measure_options.h"
#include "denoscope/sampling/sampler.h"
#include "denoscope/theory/diffusion/linear_diffusion.h"
#include "denoscope/theory/diffusion/schedule.h"

namespace denoscope {

struct SampleOptions {
  Sampler sampler = Sampler::kEuler;
  // largest 0: the largest noise trained on, else 3 sqrt(lambda_0).
  ScheduleOptions schedule = {Schedule::kKarras, 40, 0, 0.02, 7};
  double fixed_sigma = 0;     // > 0: every level of `repeated`; 0: the schedule
  std::int64_t samples = 64;  // >= 1
  StartKind start = StartKind::kMatched;
  std::int64_t jacobians = 0;         // states of a path at which J is analysed; 0: none
  std::int64_t jacobian_samples = 8;  // of the first samples
  std::int64_t modes = 300;           // leading PCA modes looked at, >= 1
  SpectrumOptions spectrum;
  JacobianOptions jacobian;
  std::int64_t replicates = 200;  // bootstrap over samples, >= 20
  std::uint64_t seed = 0;

  void Check() const;
};

template <typename Visit>
void EachOption(SampleOptions& o, const Visit& visit) {
  auto& [sampler,
         schedule,
         fixed_sigma,
         samples,
         start,
         jacobians,
         jacobian_samples,
         modes,
         spectrum,
         jacobian,
         replicates,
         seed] = o;
  visit("sampler", sampler);
  visit("schedule", schedule);
  visit("fixed_sigma", fixed_sigma);
  visit("samples", samples);
  visit("start", start);
  visit("jacobians", jacobians);
  visit("jacobian_samples", jacobian_samples);
  visit("modes", modes);
  visit.Within(spectrum);
  visit.Within(jacobian);
  visit("replicates", replicates);
  visit("seed", seed);
}

// With nothing left to choose.
SampleOptions ResolveSample(SampleOptions options, const AnalysisInput& input);

// The levels that a path goes down, and the states of it that are kept: at most 64, with both ends.
Eigen::VectorXd PathLevels(const SampleOptions& options);
std::vector<std::size_t> KeptStates(std::size_t levels);

}  // namespace denoscope
