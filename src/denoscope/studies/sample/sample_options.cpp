#include "denoscope/studies/sample/sample_options.h"

#include <cmath>

#include "denoscope/base/even_choice.h"

namespace denoscope {
namespace {

constexpr std::size_t kMostStates = 64;

}  // namespace

void SampleOptions::Check() const {
  if (samples < 1 || jacobians < 0 || jacobian_samples < 1 || modes < 1 || replicates < 20)
    throw Error(
        "sample: samples, jacobian_samples, modes >= 1, jacobians >= 0 and replicates >= 20 "
        "expected, found {}, {}, {}, {}, {}",
        samples,
        jacobian_samples,
        modes,
        jacobians,
        replicates);
  if (fixed_sigma != 0 && sampler != Sampler::kRepeated)
    throw Error("sample: a fixed sigma goes with the sampler 'repeated', found '{}'",
                NameOf(sampler));
  if (!(fixed_sigma >= 0) || !std::isfinite(fixed_sigma))
    throw Error("sample: a fixed sigma is positive, found {}", fixed_sigma);
  if (jacobians > 0 && (sampler == Sampler::kBlind || fixed_sigma > 0))
    throw Error("sample: Jacobians are taken at the noise levels of a schedule, and there is none");
  if (fixed_sigma == 0) schedule.Check();
  if (schedule.levels < 2)
    throw Error("sample: expected at least 2 levels, found {}", schedule.levels);
  jacobian.Check();
}

SampleOptions ResolveSample(SampleOptions options, const AnalysisInput& input) {
  const auto& trained = input.denoiser.Traits().trained_sigmas;
  if (options.schedule.largest == 0) {
    if (trained)
      options.schedule.largest = trained->high;
    else if (input.pca)
      options.schedule.largest = 3 * std::sqrt(input.pca->eigenvalues[0]);
    else
      throw Error(
          "sample: the noise to start from is not known, neither from the model nor from a "
          "training set ({}); give the largest",
          input.no_pca_reason);
  }
  if (!input.pca && options.start == StartKind::kMatched)
    throw Error("sample: starts like noisy data need a training set ({}); choose starts of noise",
                input.no_pca_reason);
  options.Check();
  return options;
}

Eigen::VectorXd PathLevels(const SampleOptions& options) {
  if (options.fixed_sigma > 0)
    return Eigen::VectorXd::Constant(options.schedule.levels, options.fixed_sigma);
  return NoiseLevels(options.schedule);
}

std::vector<std::size_t> KeptStates(std::size_t levels) { return EvenChoice(levels, kMostStates); }

}  // namespace denoscope
