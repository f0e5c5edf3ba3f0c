#include "denoscope/data/reversed_set.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "denoscope/base/cancel.h"
#include "denoscope/base/process.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::int64_t kBlock = 1024;

template <typename Use>
void ForEachBlock(const ImageSet& images, const Use& use) {
  for (std::int64_t begin = 0; begin < images.Count(); begin += kBlock) {
    StopIfCancelled("reversed set");
    const std::int64_t end = std::min(begin + kBlock, images.Count());
    use(begin, MatrixXd(ToMatrixD(images.Range(begin, end).flatten(1)).transpose()));
  }
}

// The vector that trades places with each: the mirrored rank by frequency within its channel.
std::vector<Index> Mirrored(const DctBasis& dct) {
  const Index d = dct.Shape().Size(), plane = d / dct.Shape().C;
  std::vector<Index> order(static_cast<std::size_t>(d)), mirror(order.size());
  std::iota(order.begin(), order.end(), Index{0});
  for (Index first = 0; first < d; first += plane) {
    const auto begin = order.begin() + first, end = begin + plane;
    std::stable_sort(
        begin, end, [&](Index a, Index b) { return dct.Frequencies()(a) < dct.Frequencies()(b); });
    for (Index r = 0; r < plane; ++r)
      mirror[static_cast<std::size_t>(begin[r])] = begin[plane - 1 - r];
  }
  return mirror;
}

}  // namespace

SpectrumReversal::SpectrumReversal(const ImageSet& train) : dct_(train.ImageSize()) {
  const Index d = train.ImageSize().Size();
  const auto n = static_cast<double>(train.Count());
  mean_ = VectorXd::Zero(d);
  ForEachBlock(train, [&](std::int64_t, const MatrixXd& block) { mean_ += block.rowwise().sum(); });
  mean_ /= n;
  VectorXd squares = VectorXd::Zero(d);
  ForEachBlock(train, [&](std::int64_t, const MatrixXd& block) {
    squares += dct_.Transform(block.colwise() - mean_).cwiseAbs2().rowwise().sum();
  });
  deviations_ = (squares / std::max(n - 1, 1.0)).cwiseSqrt();
  const double floor = kReversedFloor * deviations_.maxCoeff();
  if (!(floor > 0))
    throw Error("data set '{}': reversed: expected images that differ", train.Name());
  const std::vector<Index> mirror = Mirrored(dct_);
  gains_.resize(d);
  for (Index k = 0; k < d; ++k)
    gains_(k) = deviations_(mirror[static_cast<std::size_t>(k)]) / std::max(deviations_(k), floor);
  const double kept = deviations_.cwiseProduct(gains_).squaredNorm() / deviations_.squaredNorm();
  if (kept < 0.5)
    throw Error(
        "data set '{}': reversed: expected DCT coefficients that all vary, found so many below {} "
        "of the largest deviation that {:.2g} of the variance is left",
        train.Name(),
        kReversedFloor,
        kept);
}

MatrixXd SpectrumReversal::Apply(const MatrixXd& images) const {
  const MatrixXd spectra = dct_.Transform(images.colwise() - mean_);
  return dct_.InverseTransform(gains_.asDiagonal() * spectra).colwise() + mean_;
}

ImageSet ReversedSet(const ImageSet& images, const ImageSet& train, const std::string& name) {
  const ImageShape& shape = images.ImageSize();
  if (shape != train.ImageSize())
    throw Error("data set '{}': reversed: expected splits of the same image size", name);
  CheckMemory(fmt::format("data set '{}'", name),
              static_cast<std::int64_t>(sizeof(float)) * images.Count() * shape.Size(),
              fmt::format("{} reversed images of {} values", images.Count(), shape.Size()));
  const SpectrumReversal reversal(train);
  torch::Tensor pixels = torch::empty({images.Count(), shape.C, shape.H, shape.W}, torch::kFloat32);
  ForEachBlock(images, [&](std::int64_t begin, const MatrixXd& block) {
    const torch::Tensor reversed = ToTensor(MatrixXd(reversal.Apply(block).transpose()));
    pixels.slice(0, begin, begin + block.cols())
        .copy_(reversed.view({-1, shape.C, shape.H, shape.W}));
  });
  const std::string identity = images.Sha256() + train.Sha256() + ":reversed";
  return {name, images.Split(), pixels, Sha256Hex(identity)};
}

}  // namespace denoscope
