#include "denoscope/theory/frequency/synthetic_spectrum.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/theory/pca/eigenvalues.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr std::int64_t kBlock = 256;  // samples transformed at once

std::vector<Index> ByFrequency(const VectorXd& frequencies, ModeOrder order) {
  std::vector<Index> vectors(static_cast<std::size_t>(frequencies.size()));
  std::iota(vectors.begin(), vectors.end(), Index{0});
  std::stable_sort(vectors.begin(), vectors.end(), [&](Index i, Index j) {
    return frequencies(i) < frequencies(j);
  });
  if (order == ModeOrder::kHighFrequencyFirst) std::reverse(vectors.begin(), vectors.end());
  return vectors;
}

void CheckRank(Index d, Index rank, double total_variance) {
  if (d < 1 || rank < 1 || rank > d) {
    throw Error("spectrum of {} modes: rank is {}, expected 1 to {}", d, rank, d);
  }
  if (!(std::isfinite(total_variance) && total_variance > 0)) {
    throw Error("spectrum: total variance is {}, expected a finite number above 0", total_variance);
  }
}

}  // namespace

VectorXd PowerLawSpectrum(Index d, const PowerLawShape& shape) {
  const Index rank = shape.rank == 0 ? d : shape.rank;
  CheckRank(d, rank, shape.total_variance);
  if (!(std::isfinite(shape.exponent) && shape.exponent >= 0)) {
    throw Error("spectrum: exponent is {}, expected a finite number of at least 0", shape.exponent);
  }
  VectorXd lambda = VectorXd::Zero(d);
  for (Index k = 0; k < rank; ++k) lambda(k) = std::pow(k + 1.0, -shape.exponent);
  return lambda * (shape.total_variance / lambda.sum());
}

VectorXd RankSpectrum(Index d, Index rank, double total_variance) {
  CheckRank(d, rank, total_variance);
  VectorXd lambda = VectorXd::Zero(d);
  lambda.head(rank).setConstant(total_variance / static_cast<double>(rank));
  return lambda;
}

VectorXd SpikedSpectrum(Index d, const std::vector<double>& spikes, double floor) {
  const auto count = static_cast<Index>(spikes.size());
  if (count > d) throw Error("spectrum of {} modes: {} spikes, expected at most {}", d, count, d);
  VectorXd lambda = VectorXd::Constant(d, floor);
  for (Index k = 0; k < count; ++k) lambda(k) = spikes[static_cast<std::size_t>(k)];
  CheckSpectrum(lambda);
  for (Index k = 1; k < d; ++k) {
    if (lambda(k) <= lambda(k - 1)) continue;
    throw Error(
        "spectrum: eigenvalue {} is {} after {}, expected spikes in descending order above "
        "the floor",
        k,
        lambda(k),
        lambda(k - 1));
  }
  return lambda;
}

GaussianImages::GaussianImages(ImageShape shape, VectorXd lambda, ModeOrder order, VectorXd mean)
    : dct_(shape), lambda_(std::move(lambda)), mean_(std::move(mean)) {
  if (mean_.size() == 0) mean_ = VectorXd::Zero(shape.Size());
  if (lambda_.size() != shape.Size() || mean_.size() != shape.Size()) {
    throw Error("gaussian images ({},{},{}): {} eigenvalues and a mean of {}, expected {} of each",
                shape.C,
                shape.H,
                shape.W,
                lambda_.size(),
                mean_.size(),
                shape.Size());
  }
  CheckSpectrum(lambda_);
  if (!mean_.allFinite()) throw Error("gaussian images: mean holds a value that is not finite");
  vector_of_ = ByFrequency(dct_.Frequencies(), order);
}

VectorXd GaussianImages::Frequencies() const {
  VectorXd frequencies(lambda_.size());
  for (Index k = 0; k < frequencies.size(); ++k) {
    frequencies(k) = dct_.Frequencies()(vector_of_[static_cast<std::size_t>(k)]);
  }
  return frequencies;
}

MatrixXd GaussianImages::Basis(Index modes) const {
  if (modes < 0 || modes > lambda_.size()) {
    throw Error("gaussian images: basis of {} modes, expected 0 to {}", modes, lambda_.size());
  }
  MatrixXd spectra = MatrixXd::Zero(lambda_.size(), modes);
  for (Index k = 0; k < modes; ++k) spectra(vector_of_[static_cast<std::size_t>(k)], k) = 1;
  return dct_.InverseTransform(spectra);
}

MatrixXd GaussianImages::Covariance() const {
  const MatrixXd scaled = Basis(lambda_.size()) * lambda_.cwiseSqrt().asDiagonal();
  MatrixXd lower = MatrixXd::Zero(lambda_.size(), lambda_.size());
  lower.selfadjointView<Eigen::Lower>().rankUpdate(scaled);
  return lower.selfadjointView<Eigen::Lower>();
}

MatrixXf GaussianImages::Samples(std::uint64_t seed, std::int64_t begin, std::int64_t end) const {
  if (begin < 0 || end < begin) {
    throw Error("gaussian images: samples {} to {}, expected 0 <= begin <= end", begin, end);
  }
  const VectorXd roots = lambda_.cwiseSqrt();
  MatrixXf samples(lambda_.size(), end - begin);
  for (std::int64_t first = begin; first < end; first += kBlock) {
    if (CancelRequested()) throw Interrupted("gaussian images: interrupted at sample {}", first);
    const std::int64_t count = std::min(kBlock, end - first);
    MatrixXd spectra(lambda_.size(), count);
    for (std::int64_t i = 0; i < count; ++i) {
      RandomStream random(seed, "gaussian image", static_cast<std::uint64_t>(first + i));
      for (Index k = 0; k < roots.size(); ++k) {
        spectra(vector_of_[static_cast<std::size_t>(k)], i) = roots(k) * random.Normal();
      }
    }
    const MatrixXd images = dct_.InverseTransform(spectra).colwise() + mean_;
    samples.middleCols(first - begin, count) = images.cast<float>();
  }
  return samples;
}

}  // namespace denoscope
