#include "denoscope/training/validation.h"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "denoscope/data/noise.h"
#include "denoscope/image/quality.h"
#include "denoscope/ranks/meeting.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

constexpr std::int64_t kBlock = 250;

// The errors of one block at one level, weighed by the block's share of all images.
struct BlockErrors {
  double mse = 0, wiener_mse = 0;
};

BlockErrors ErrorsOf(const Denoiser& denoiser,
                     const Denoiser& wiener,
                     const torch::Tensor& x,
                     const torch::Tensor& z,
                     double sigma) {
  const torch::Tensor y = x + sigma * z;
  return {Mse(denoiser.Denoise(y, sigma), x), Mse(wiener.Denoise(y, sigma), x)};
}

// Those of all ranks, in order.
std::vector<BlockErrors> Joined(const std::vector<BlockErrors>& own) {
  const std::string bytes(reinterpret_cast<const char*>(own.data()),
                          own.size() * sizeof(BlockErrors));
  std::string all;
  for (const std::string& part : Ranks::OfThisJob().Gather(bytes)) all += part;
  std::vector<BlockErrors> errors(all.size() / sizeof(BlockErrors));
  std::memcpy(errors.data(), all.data(), all.size());
  return errors;
}

}  // namespace

const std::vector<double>& ReferenceSigmas() {
  static const std::vector<double> sigmas = {0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 5};
  return sigmas;
}

std::vector<double> ReferenceSigmasWithin(const SigmaRange& range) {
  std::vector<double> levels;
  for (const double sigma : ReferenceSigmas())
    if (sigma >= range.low && sigma <= range.high) levels.push_back(sigma);
  return levels;
}

std::vector<double> ValidationSigmas(const SigmaRange& range) {
  std::vector<double> levels = ReferenceSigmasWithin(range);
  if (levels.empty()) levels.push_back(std::sqrt(range.low * range.high));
  return levels;
}

std::vector<ValidationPoint> Validate(const Denoiser& denoiser,
                                      const Denoiser& wiener,
                                      const ImageSet& held_out,
                                      const std::vector<double>& sigmas,
                                      std::uint64_t seed) {
  torch::NoGradGuard no_gradient;
  Ranks& ranks = Ranks::OfThisJob();
  const std::int64_t count = held_out.Count(), blocks = (count + kBlock - 1) / kBlock;
  const auto levels = static_cast<std::int64_t>(sigmas.size());
  std::vector<BlockErrors> errors;
  Meeting(ranks).Step([&] {
    const PieceRange own = PiecesOf(levels * blocks, ranks.Rank(), ranks.Count());
    for (std::int64_t unit = own.begin; unit < own.end; ++unit) {
      const double sigma = sigmas[static_cast<std::size_t>(unit / blocks)];
      const std::int64_t begin = unit % blocks * kBlock;
      const torch::Tensor x = held_out.Range(begin, std::min(begin + kBlock, count));
      const torch::Tensor z = StandardNoise(
          x.sizes(), seed, fmt::format("validation/{}", sigma), static_cast<std::uint64_t>(begin));
      errors.push_back(ErrorsOf(denoiser, wiener, x, z, sigma));
    }
  });
  errors = Joined(errors);
  std::vector<ValidationPoint> points;
  for (std::int64_t level = 0; level < levels; ++level) {
    ValidationPoint point{sigmas[static_cast<std::size_t>(level)], 0, 0};
    for (std::int64_t b = 0; b < blocks; ++b) {
      const double share =
          static_cast<double>(std::min(kBlock, count - b * kBlock)) / static_cast<double>(count);
      const BlockErrors& block = errors[static_cast<std::size_t>(level * blocks + b)];
      point.mse += share * block.mse;
      point.wiener_mse += share * block.wiener_mse;
    }
    points.push_back(point);
  }
  return points;
}

double Score(const std::vector<ValidationPoint>& points) {
  double sum = 0;
  for (const ValidationPoint& p : points) sum += std::log(p.mse / p.wiener_mse);
  return points.empty() ? 0 : sum / static_cast<double>(points.size());
}

}  // namespace denoscope
