#include "denoscope/sampling/sampler.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/theory/diffusion/schedule.h"

namespace denoscope {
namespace {

using torch::Tensor;

// Of the root mean square of a start: no sampler of a denoiser goes there on purpose.
constexpr double kRunaway = 10;

Tensor RootMeanSquares(const Tensor& x) {  // (B), float64
  return x.to(torch::kFloat64).square().flatten(1).mean(1).sqrt();
}

Tensor PerSample(const Tensor& values, const Tensor& x) {  // (B) -> (B,1,1,1), the type of x
  return values.to(x.scalar_type()).view({-1, 1, 1, 1});
}

// What all samplers share: who is still there, and the estimate for those.
class Run {
 public:
  Run(const Denoiser& denoiser,
      const Tensor& starts,
      const SamplerOptions& options,
      const StepNoise& noise,
      const std::function<void(const SamplerState&)>& sink)
      : denoiser_(denoiser),
        options_(options),
        noise_(noise),
        sink_(sink),
        bound_(kRunaway * RootMeanSquares(starts).clamp_min(1)),
        x_(starts) {
    const auto B = static_cast<std::size_t>(starts.size(0));
    samples_.diverged.assign(B, -1);
    samples_.finished.assign(B, -1);
  }

  Samples Finish() {
    samples_.images = denoised_;
    return std::move(samples_);
  }

  void DownLevels() {
    const Eigen::VectorXd& levels = options_.levels;
    for (Eigen::Index i = 0; i < levels.size(); ++i) {
      const Tensor sigmas = at::full({x_.size(0)}, levels(i), torch::kFloat64);
      Visit(i, sigmas);
      if (i + 1 < levels.size()) x_ = Next(i, levels(i), levels(i + 1));
    }
    for (auto& step : samples_.finished) step = levels.size() - 1;
  }

  void Blindly() {
    const double smallest = options_.levels(options_.levels.size() - 1);
    const auto B = static_cast<std::size_t>(x_.size(0));
    Tensor sigmas = at::full({x_.size(0)}, options_.levels(0), torch::kFloat64);
    std::vector<bool> last(B, false);  // stays, and is denoised once more, told its own guess
    for (std::int64_t t = 0;; ++t) {
      Visit(t, sigmas);
      const Tensor guess = RootMeanSquares(x_ - denoised_);
      Tensor told = at::zeros({x_.size(0)}, torch::kBool), moves = told.clone();
      for (std::size_t b = 0; b < B; ++b) {
        const auto i = static_cast<std::int64_t>(b);
        if (last[b] && samples_.finished[b] < 0) samples_.finished[b] = t;
        if (last[b] || samples_.diverged[b] >= 0) continue;
        last[b] = guess[i].item<double>() <= smallest;
        told[i] = true;
        moves[i] = !last[b];
      }
      if (!told.any().item<bool>() || t + 1 >= options_.blind_most_steps) return;
      const Tensor next = BlindStep(t, guess);
      x_ = at::where(moves.view({-1, 1, 1, 1}), next, x_);
      sigmas = at::where(told, guess, sigmas);
    }
  }

 private:
  // D of the samples that are left, with zeros in place of the others.
  Tensor Estimate(const Tensor& x, const Tensor& sigmas) const {
    Tensor inside = x;
    for (std::size_t b = 0; b < samples_.diverged.size(); ++b)
      if (samples_.diverged[b] >= 0) {
        if (inside.is_same(x)) inside = x.clone();
        inside[static_cast<std::int64_t>(b)].zero_();
      }
    return denoiser_.Denoise(inside, sigmas.to(x.scalar_type()));
  }

  void Visit(std::int64_t step, const Tensor& sigmas) {
    StopIfCancelled("sample");
    const Tensor size = RootMeanSquares(x_);
    for (std::int64_t b = 0; b < x_.size(0); ++b) {
      auto& diverged = samples_.diverged[static_cast<std::size_t>(b)];
      const double rms = size[b].item<double>();
      if (diverged < 0 && !(rms <= bound_[b].item<double>())) diverged = step;
    }
    denoised_ = Estimate(x_, sigmas);
    constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t b = 0; b < samples_.diverged.size(); ++b)
      if (samples_.diverged[b] >= 0) {
        x_ = x_.clone();
        x_[static_cast<std::int64_t>(b)].fill_(kNothing);
        denoised_[static_cast<std::int64_t>(b)].fill_(kNothing);
      }
    if (sink_) sink_({step, sigmas, x_, denoised_});
  }

  Tensor Next(std::int64_t step, double s, double next) const {
    const Tensor& D = denoised_;
    switch (options_.kind) {
      case Sampler::kHeun: {
        const Tensor slope = (x_ - D) / s, guess = x_ + (next - s) * slope;
        const Tensor sigmas = at::full({x_.size(0)}, next, torch::kFloat64);
        return x_ + (next - s) / 2 * (slope + (guess - Estimate(guess, sigmas)) / next);
      }
      case Sampler::kAncestral: {
        const double up = next * std::sqrt((s * s - next * next) / (s * s));
        const double down = std::sqrt(next * next - up * up);
        return D + (down / s) * (x_ - D) + up * noise_(step);
      }
      case Sampler::kRepeated:
        return D;
      default:
        return D + (next / s) * (x_ - D);
    }
  }

  Tensor BlindStep(std::int64_t t, const Tensor& guess) const {
    const double h0 = options_.blind_step, beta = options_.blind_beta;
    const double n = static_cast<double>(t + 1), h = h0 * n / (1 + h0 * (n - 1));
    const double g = std::sqrt(std::pow(1 - beta * h, 2) - std::pow(1 - h, 2));
    return x_ + h * (denoised_ - x_) + g * PerSample(guess, x_) * noise_(t);
  }

  const Denoiser& denoiser_;
  const SamplerOptions& options_;
  const StepNoise& noise_;
  const std::function<void(const SamplerState&)>& sink_;
  Tensor bound_, x_, denoised_;
  Samples samples_;
};

}  // namespace

void SamplerOptions::Check() const {
  if (kind == Sampler::kRepeated) {
    if (levels.size() < 2 || !levels.allFinite() || !(levels.array() > 0).all() ||
        !std::is_sorted(levels.begin(), levels.end(), std::greater<>()))
      throw Error("sampler: expected at least two positive levels, none above the one before");
  } else {
    CheckNoiseLevels(levels);
  }
  if (!(blind_step > 0 && blind_step <= 1) || !(blind_beta > 0 && blind_beta <= 1))
    throw Error(
        "sampler: step and beta of 'blind' are in (0,1], found {} and {}", blind_step, blind_beta);
  if (blind_most_steps < 1)
    throw Error("sampler: most steps of 'blind' is {}, expected >= 1", blind_most_steps);
}

Samples RunSampler(const Denoiser& denoiser,
                   const Tensor& starts,
                   const SamplerOptions& options,
                   const StepNoise& noise,
                   const std::function<void(const SamplerState&)>& sink) {
  options.Check();
  const at::NoGradGuard no_gradient;
  Run run(denoiser, starts, options, noise, sink);
  if (options.kind == Sampler::kBlind)
    run.Blindly();
  else
    run.DownLevels();
  return run.Finish();
}

}  // namespace denoscope
