#include "denoscope/verdict/verdict.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/data/noise.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/linalg/stochastic.h"
#include "denoscope/measure/pca_reference.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {
namespace {

struct MeanImage {
  Eigen::VectorXd mean;
  double variance = 0;  // tr Sigma
};

MeanImage MeanOf(const VerdictData& data, std::int64_t images) {
  if (data.pca) return {data.pca->mean, data.pca->eigenvalues.sum()};
  const torch::Tensor x =
      data.images.Range(0, std::min(images, data.images.Count())).flatten(1).to(torch::kFloat64);
  return {ToVectorD(x.mean(0)), (x - x.mean(0)).square().sum(1).mean().item<double>()};
}

// Of J at one image: |J - J^T|_F / |J|_F and sum |mu < 0| / sum |mu| of its symmetric part.
void AddSymmetry(const Denoiser& denoiser,
                 const torch::Tensor& y,
                 double sigma,
                 const VerdictOptions& options,
                 std::uint64_t image,
                 LevelFindings& level) {
  const auto J = MakeJacobianOperator(denoiser, y, sigma);
  const Eigen::MatrixXf Z = ToMatrixF(
      StandardNoise({y.numel(), options.probes}, options.evaluation.seed, "verdict/probe", image));
  const Eigen::MatrixXf forward = J->Apply(Z), backward = J->ApplyTranspose(Z);
  level.asymmetry += (forward - backward).norm() / forward.norm();
  DensityOptions density;
  density.probes = 4;
  density.steps = 24;
  density.seed = options.evaluation.seed;
  const SpectralDensityEstimate spectrum = SpectralDensity(SymmetricPart(*J), density);
  const Eigen::ArrayXd mass = spectrum.weights.array() * spectrum.nodes.array();
  level.negative_mass += (-mass).max(0).sum() / mass.abs().sum();
}

void AddMemory(const Denoiser& denoiser,
               const VerdictData& data,
               const NoiseLevel& at,
               const VerdictOptions& options,
               LevelFindings& level) {
  level.training_mse =
      Evaluate({denoiser, nullptr, *data.training}, {}, at, options.evaluation).mse;
  EvaluationOptions few = options.evaluation;
  few.images = few.batch = options.memory_images;
  const auto memory = MakeEmpiricalDenoiser(SourceOf(*data.training), data.images.ImageSize());
  level.memory_distance = Calibrate({denoiser, memory.get(), data.images}, {}, at, few).distance;
}

}  // namespace

LevelFindings Examine(const Denoiser& denoiser,
                      const VerdictData& data,
                      const NoiseLevel& at,
                      const VerdictOptions& options) {
  LevelFindings level;
  level.sigma = at.sigma;
  std::unique_ptr<Denoiser> wiener;
  Directions directions;
  if (data.pca) {
    wiener = MakeWienerDenoiser(data.pca, data.images.ImageSize());
    const Eigen::Index modes = std::min<Eigen::Index>(options.modes, data.pca->mean.size());
    directions.basis = data.pca->basis.leftCols(modes).cast<float>();
    level.wiener_gains = WienerGains(data.pca->eigenvalues, at.sigma).head(modes);
  }
  const EvaluationInput input = {denoiser, wiener.get(), data.images};
  level.errors = Evaluate(input, {}, at, options.evaluation);
  const MeanImage centre = MeanOf(data, options.evaluation.images);
  const auto d = static_cast<double>(centre.mean.size());
  const double variance = at.sigma * at.sigma;
  level.multiple_mse = variance * centre.variance / (centre.variance + d * variance);
  directions.mean = centre.mean;
  level.calibration = Calibrate(input, directions, at, options.evaluation);
  const torch::Tensor y = EvaluationBatch(data.images, 0, at, options.evaluation).y;
  const std::int64_t images = std::min(options.jacobian_images, y.size(0));
  level.asymmetry = level.negative_mass = 0;
  for (std::int64_t i = 0; i < images; ++i)
    AddSymmetry(denoiser, y[i], at.sigma, options, static_cast<std::uint64_t>(i), level);
  level.asymmetry /= static_cast<double>(images);
  level.negative_mass /= static_cast<double>(images);
  if (data.training) AddMemory(denoiser, data, at, options, level);
  return level;
}

bool Verdict::Failed() const {
  return std::any_of(checks.begin(), checks.end(), [](const Check& check) {
    return check.outcome == Outcome::kFail;
  });
}

Verdict VerdictOn(const Denoiser& denoiser,
                  const VerdictData& data,
                  const std::vector<double>& sigmas,
                  const VerdictOptions& options,
                  const ProgressSink& progress) {
  Verdict verdict;
  const auto total = static_cast<std::int64_t>(sigmas.size());
  for (std::int64_t s = 0; s < total; ++s) {
    verdict.levels.push_back(
        Examine(denoiser, data, {sigmas[static_cast<std::size_t>(s)], s}, options));
    progress({"examining", s + 1, total, 0, "noise levels", ""});
  }
  verdict.checks = Judge(denoiser.Traits(), verdict.levels);
  const auto* network = dynamic_cast<const NetworkDenoiser*>(&denoiser);
  if (network == nullptr) return verdict;
  verdict.readings =
      FitReadings(*network, data.images, options.reading_images, sigmas, options.evaluation.seed);
  std::vector<double> multiples;
  for (const LevelFindings& level : verdict.levels) multiples.push_back(level.multiple_mse);
  verdict.checks.insert(verdict.checks.begin(),
                        JudgeReading(network->Reading(), verdict.readings, sigmas, multiples));
  return verdict;
}

}  // namespace denoscope
