#include "denoscope/data/synthetic_images.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/data/geometric_images.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr std::int64_t kMostImages = 1'000'000'000, kMostSide = 1024;
constexpr double kAnyNumber = 1e6;

ImageShape ReadShape(SpecOptions& options) {
  const std::int64_t size = options.Integer("size", 32, 1, kMostSide);
  const std::int64_t channels = options.Integer("channels", 1, 1, 16);
  return {channels, size, size};
}

// Per pixel, hence d times as much in all.
double ReadTotalVariance(SpecOptions& options, Index d) {
  return static_cast<double>(d) * options.Number("variance", 0.05, 1e-12, kAnyNumber);
}

GaussianImages Gaussian(const ImageShape& shape, VectorXd lambda, SpecOptions& options) {
  const double mean = options.Number("mean", 0.5, -kAnyNumber, kAnyNumber);
  return {shape,
          std::move(lambda),
          ModeOrder::kLowFrequencyFirst,
          VectorXd::Constant(shape.Size(), mean)};
}

GaussianImages PowerLaw(SpecOptions& options) {
  const ImageShape shape = ReadShape(options);
  PowerLawShape law;
  law.exponent = options.Number("exponent", 2, 0, 100);
  law.rank = options.Integer("rank", 0, 0, shape.Size());
  law.total_variance = ReadTotalVariance(options, shape.Size());
  return Gaussian(shape, PowerLawSpectrum(shape.Size(), law), options);
}

GaussianImages LowRank(SpecOptions& options) {
  const ImageShape shape = ReadShape(options);
  const Index d = shape.Size();
  const Index rank = options.Integer("rank", std::min<Index>(16, d), 1, d);
  return Gaussian(shape, RankSpectrum(d, rank, ReadTotalVariance(options, d)), options);
}

GaussianImages Spiked(SpecOptions& options) {
  const ImageShape shape = ReadShape(options);
  const std::vector<double> spikes = options.Numbers("spikes", {40, 20, 10, 5}, 0, kAnyNumber);
  const double floor = options.Number("floor", 0.01, 0, kAnyNumber);
  VectorXd lambda;
  try {
    lambda = SpikedSpectrum(shape.Size(), spikes, floor);
  } catch (const Error& e) {
    options.Refuse("spikes", e.what());
  }
  return Gaussian(shape, std::move(lambda), options);
}

using Drawing = std::function<Eigen::MatrixXf(std::uint64_t, std::int64_t, std::int64_t)>;

struct Drawn {
  ImageShape shape;
  Drawing draw;
};

Drawn Contours(SpecOptions& options) {
  const std::int64_t size = options.Integer("size", 32, 8, kMostSide);
  const double alpha = options.Number("alpha", 2, 0.1, 10);
  const auto images = std::make_shared<const ContourImages>(size, alpha);
  return {{1, size, size}, [images](std::uint64_t seed, std::int64_t begin, std::int64_t end) {
            return images->Samples(seed, begin, end);
          }};
}

Drawn Discs(SpecOptions& options) {
  const std::int64_t size = options.Integer("size", 32, 8, kMostSide);
  return {{1, size, size}, [size](std::uint64_t seed, std::int64_t begin, std::int64_t end) {
            return DiscImages(size, seed, begin, end);
          }};
}

struct Kind {
  const char* name;
  const char* summary;
  GaussianImages (*gaussian)(SpecOptions&);
  Drawn (*other)(SpecOptions&);
};
constexpr Kind kKinds[] = {
    {"gaussian", "Gaussian, lambda_k ~ (k+1)^-exponent on the DCT basis", PowerLaw, nullptr},
    {"low-rank", "Gaussian, the lowest DCT vectors with equal variance", LowRank, nullptr},
    {"spiked",
     "Gaussian, spikes on the lowest DCT vectors, the same floor on all",
     Spiked,
     nullptr},
    {"calpha", "two smooth regions and a smooth contour, C^alpha", nullptr, Contours},
    {"discs", "one disc: place, size and two grays at random", nullptr, Discs}};

const Kind* FindKind(const std::string& name) {
  for (const Kind& kind : kKinds)
    if (name == kind.name) return &kind;
  return nullptr;
}

}  // namespace

SyntheticImages::SyntheticImages(const DataSpec& spec) {
  const Kind* kind = FindKind(spec.source);
  if (!kind) throw Error("data set '{}': expected a synthetic kind", spec.text);
  SpecOptions options(spec);
  if (kind->gaussian) {
    truth_ = kind->gaussian(options);
    shape_ = truth_->Shape();
  } else {
    const Drawn drawn = kind->other(options);
    shape_ = drawn.shape;
    other_ = drawn.draw;
  }
  train_ = options.Integer("train", 10000, 2, kMostImages);
  test_ = options.Integer("test", 2000, 1, kMostImages);
  seed_ = static_cast<std::uint64_t>(
      options.Integer("seed", 0, 0, std::numeric_limits<std::int64_t>::max()));
  options.Finish();
  canonical_ = spec.source + ":" + options.Canonical();
}

std::int64_t SyntheticImages::Count(const std::string& split) const {
  return split == "train" ? train_ : test_;
}

torch::Tensor SyntheticImages::Draw(const std::string& split,
                                    std::int64_t begin,
                                    std::int64_t end) const {
  if (begin < 0 || end < begin)
    throw Error("{}: images {} to {}, expected 0 <= begin <= end", canonical_, begin, end);
  const std::uint64_t seed = StreamSeed(seed_, split);
  const Eigen::MatrixXf columns =
      truth_ ? truth_->Samples(seed, begin, end) : other_(seed, begin, end);
  torch::Tensor images = torch::empty({end - begin, shape_.C, shape_.H, shape_.W}, torch::kFloat32);
  if (columns.size() > 0) std::memcpy(images.data_ptr(), columns.data(), images.nbytes());
  return images;
}

std::vector<SyntheticKind> SyntheticKinds() {
  std::vector<SyntheticKind> kinds;
  for (const Kind& kind : kKinds) {
    const SyntheticImages images(ParseDataSpec(kind.name));
    kinds.push_back(
        {kind.name, kind.summary, images.Canonical().substr(std::strlen(kind.name) + 1)});
  }
  return kinds;
}

bool IsSyntheticKind(const std::string& name) { return FindKind(name) != nullptr; }

std::optional<GaussianImages> TruthOf(const std::string& spec) {
  const DataSpec parsed = ParseDataSpec(spec);
  if (parsed.reversed || !IsSyntheticKind(parsed.source)) return std::nullopt;
  return SyntheticImages(parsed).Truth();
}

}  // namespace denoscope
