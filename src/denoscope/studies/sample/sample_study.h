// Reverse diffusion with a denoiser, in a run folder that resumes: paths from noise to images, what
// emerges along them, and, where asked for, the Jacobian at states x_t of the paths, analysed as
// cells of a sweep are. With a training set the Wiener denoiser goes the same way from the same
// starts with the same noise.
//
// Starts are N(m, Sigma + s_0^2 I), what noisy data of Gaussian images are (kMatched), or N(0,
// s_0^2 I) (kNoise), which is the same only where s_0^2 far exceeds lambda_0 + |m|^2/d: said, where
// not. Each sample has streams of its own: it is the same in whatever company it is drawn.
#pragma once

#include <string>

#include "denoscope/base/progress.h"
#include "denoscope/measure/cell_analysis.h"
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

// With nothing left to choose.
SampleOptions ResolveSample(SampleOptions options, const SweepInput& input);

// The levels that a path goes down, and the states of it that are kept: at most 64, with both ends.
Eigen::VectorXd PathLevels(const SampleOptions& options);
std::vector<std::size_t> KeptStates(std::size_t levels);

// Why starts of noise alone are not what the denoiser expects; empty where they are.
std::string StartNote(const SampleOptions& options, const SweepInput& input);

// `nulls` of the input are not used. Throws Interrupted, with finished units kept, when cancelled.
RunFolder RunSampleStudy(const SweepInput& input,
                         const SampleOptions& options,
                         const std::filesystem::path& out,
                         bool force,
                         const ProgressSink& progress);

}  // namespace denoscope
