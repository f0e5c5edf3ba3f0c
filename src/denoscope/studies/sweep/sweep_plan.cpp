#include "denoscope/studies/sweep/sweep_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/process.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/measure/level_measurement.h"
#include "denoscope/studies/sweep/sweep_units.h"

namespace denoscope {
namespace {

// The decompositions are nearly all of a spectrum's time.
double SpectrumSeconds(std::int64_t d) {
  constexpr std::int64_t kLargestProbe = 1536;
  const std::int64_t probed = std::min(d, kLargestProbe);
  const Eigen::MatrixXf J = Eigen::MatrixXf::Random(probed, probed);
  const double seconds = SecondsOf([&] {
    EigenSymmetric<float>(J + J.transpose());
    SvdDense<float>(J);
  });
  return seconds * std::pow(static_cast<double>(d) / static_cast<double>(probed), 3);
}

// Of `images` images by `denoiser`, from one batch of them.
double EvaluationSeconds(const AnalysisInput& input,
                         const SweepOptions& options,
                         const Denoiser& denoiser,
                         std::int64_t images,
                         double sigma) {
  EvaluationOptions probe = options.evaluation;
  probe.images = std::min(images, probe.batch);
  const std::unique_ptr<Denoiser> wiener =
      input.pca ? MakeWienerDenoiser(input.pca, input.images.ImageSize()) : nullptr;
  Directions directions;
  if (input.pca) {
    const Eigen::Index m = std::min<Eigen::Index>(options.modes, input.pca->basis.cols());
    directions = {input.pca->basis.leftCols(m).cast<float>(), input.pca->mean, nullptr};
  }
  const double seconds = SecondsOf([&] {
    MeasureLevel({denoiser, wiener.get(), input.images}, directions, {sigma, 0}, probe);
  });
  return seconds * static_cast<double>(images) / static_cast<double>(probe.images);
}

// The units of this shard in the order of sweep_units.h.
RankWork WorkOf(const SweepPlan& plan,
                const SweepOptions& options,
                std::int64_t levels,
                const std::vector<double>& evaluations) {
  std::vector<PlannedUnit> all;
  for (const double seconds : evaluations)
    all.insert(all.end(), static_cast<std::size_t>(levels), {seconds, -1});
  for (std::int64_t level = 0; level < levels; ++level)
    for (std::int64_t i = 0; i < plan.cells / levels; ++i)
      all.push_back({plan.jacobian_seconds + plan.spectrum_seconds, level});
  RankWork work;
  work.units = OfShard(all, options);
  return work;
}

}  // namespace

std::string SweepPlan::Text() const {
  return fmt::format(
      "d = {}: {} cells of {:.2g} s for the Jacobian and {:.2g} s for its spectrum, {} evaluations "
      "of {:.2g} s: {:.3g} min, {:.1f} GB of memory",
      d,
      cells,
      jacobian_seconds,
      spectrum_seconds,
      evaluations,
      evaluation_seconds,
      seconds / 60,
      static_cast<double>(memory) / 1e9);
}

SweepPlan PlanSweep(const AnalysisInput& input, const SweepOptions& options) {
  SweepPlan plan;
  const torch::Tensor x = input.images.Images({options.images.front()})[0];
  const auto levels = static_cast<std::int64_t>(options.sigmas.size());
  const double sigma = options.sigmas[options.sigmas.size() / 2];
  plan.d = x.numel();
  plan.cells = static_cast<std::int64_t>(options.images.size()) * levels * options.draws;
  plan.evaluations = options.evaluation.images > 0 ? levels : 0;
  plan.jacobian_seconds = PlanDense(input.denoiser, x, sigma, options.jacobian).seconds;
  plan.spectrum_seconds = SpectrumSeconds(plan.d);
  std::vector<double> evaluations;  // of the model, then of each null
  const std::int64_t images = options.evaluation.images;
  if (images > 0) {
    plan.evaluation_seconds = EvaluationSeconds(input, options, input.denoiser, images, sigma);
    evaluations.push_back(plan.evaluation_seconds);
    for (const NullDenoiser& null : input.nulls)
      if (input.pca)
        evaluations.push_back(EvaluationSeconds(
            input, options, *null.denoiser, std::min(images, kNullImages), sigma));
  }
  plan.memory = PeakMemory() + SpectrumBytes(plan.d);
  plan.work = WorkOf(plan, options, levels, evaluations);
  if (input.pca) plan.work.level_seconds = plan.spectrum_seconds;  // of the linear twin
  plan.seconds = PlanRanks(plan.work, 1).seconds;
  return plan;
}

}  // namespace denoscope
