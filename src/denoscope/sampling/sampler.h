// Reverse diffusion in sigma form, with a denoiser alone: states x at falling noise levels s, from
// noise to a clean image. B samples at once, (B,C,H,W); d = C H W.
//
//   euler      x' = D + (s'/s)(x - D): Euler on dx/ds = (x - D)/s, which is DDIM without noise
//              (Song, Meng & Ermon 2021)
//   heun       the trapezoid of it, two denoisings a step (Karras et al. 2022, Algorithm 1)
//   ancestral  Euler to s_down, then noise s_up z: s_up^2 = s'^2 (s^2 - s'^2)/s^2,
//              s_down^2 = s'^2 - s_up^2 (Ho, Jain & Abbeel 2020, in sigma form)
//   repeated   x' = D: what was removed stays away. Down a schedule it is the process of Weitzner
//              et al. 2024 (arXiv 2410.14730), at one level over and over a fixed-point iteration
//   blind      knows no level and guesses it from the residual, s = |x - D|/sqrt(d), each sample
//              its own: x' = x + h (D - x) + g z, g^2 = ((1 - beta h)^2 - (1 - h)^2) s^2, with
//              h = h0 t/(1 + h0 (t-1)) at step t, until s is small (Kadkhodaie & Simoncelli 2021,
//              Algorithm 1). A denoiser that wants to be told gets the guess of the step before,
//              and in the end that of the last state.
//
// All end with D of the last state.
#pragma once

#include <torch/types.h>

#include <Eigen/Dense>
#include <cstdint>
#include <functional>
#include <vector>

#include "denoscope/base/enum_names.h"
#include "denoscope/denoise/denoiser.h"

namespace denoscope {

enum class Sampler { kEuler, kHeun, kAncestral, kRepeated, kBlind };
template <>
struct EnumNames<Sampler> {
  static constexpr const char* kWhat = "sampler";
  static constexpr EnumName<Sampler> kNames[] = {{Sampler::kEuler, "euler"},
                                                 {Sampler::kHeun, "heun"},
                                                 {Sampler::kAncestral, "ancestral"},
                                                 {Sampler::kRepeated, "repeated"},
                                                 {Sampler::kBlind, "blind"}};
};

struct SamplerOptions {
  Sampler kind = Sampler::kEuler;
  // The levels s_0 .. s_{N-1}, positive; falling, but for `repeated`, where they may be equal. Of
  // `blind` s_0 is what the first step is told and s_{N-1} is where it stops.
  Eigen::VectorXd levels;
  double blind_step = 0.05;              // h0, in (0,1]
  double blind_beta = 0.1;               // in (0,1]: 1 puts no noise back
  std::int64_t blind_most_steps = 1000;  // >= 1

  void Check() const;
};

struct SamplerState {
  std::int64_t step = 0;
  torch::Tensor sigmas;       // (B), float64: the level that the denoiser is told
  torch::Tensor x, denoised;  // (B,C,H,W); not a number for a sample that has diverged
};

struct Samples {
  torch::Tensor images;                // (B,C,H,W), D of the last state
  std::vector<std::int64_t> diverged;  // (B): the step at which x left all bounds; -1: it did not
  // (B): the step at which `blind` reached s_{N-1}, of the others N - 1; -1: it never did.
  std::vector<std::int64_t> finished;
};

// z of a step, (B,C,H,W): each sample's own, so that what is drawn for one depends on no other.
using StepNoise = std::function<torch::Tensor(std::int64_t step)>;

// starts (B,C,H,W) at level s_0. A sample diverges when its root mean square is not finite or more
// than ten times that of its start, or 10, whichever is more; it is left out from then on, and the
// others go on. Calls `sink` at every state. Throws Interrupted between steps.
Samples RunSampler(const Denoiser& denoiser,
                   const torch::Tensor& starts,
                   const SamplerOptions& options,
                   const StepNoise& noise,
                   const std::function<void(const SamplerState&)>& sink);

}  // namespace denoscope
