#include <ATen/ATen.h>

#include <cmath>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

using torch::Tensor;

// As in the closed form: a lighter image would add less than rounding to D and J.
const double kNegligibleLog = std::log(1e-30);
constexpr std::int64_t kBatch = 32;  // images y at once: 8 bytes a weight, some of them at a time

class EmpiricalDenoiser final : public Denoiser {
 public:
  EmpiricalDenoiser(const SampleSource& source, ImageShape shape) {
    traits_ =
        TraitsOfShape(fmt::format("linear:empirical:{}", source.n), "images", source.d, shape);
    traits_.conditioned = true;
    CheckMemory(fmt::format("denoiser '{}'", traits_.name),
                12 * source.n * source.d,  // and a selection of them, up to half
                fmt::format("{} images of {} pixels", source.n, source.d));
    images_ = at::empty({source.n, source.d}, torch::kFloat64);
    std::int64_t begin = 0;
    ForEachBlock(source, [&](const Eigen::MatrixXf& block) {
      images_.narrow(0, begin, block.cols()).copy_(ToTensor(block).t());
      begin += block.cols();
    });
    half_squares_ = images_.square().sum(1) / 2;
  }

  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType) override {}  // float64 inside, y's type outside

 protected:
  Tensor Compute(const Tensor& y, const Tensor& sigma) const override {
    const Tensor flat = y.flatten(1).to(torch::kFloat64);
    const Tensor variance = sigma.to(torch::kFloat64).square().unsqueeze(1);
    std::vector<Tensor> parts;
    for (std::int64_t begin = 0; begin < y.size(0); begin += kBatch)
      parts.push_back(
          Mean(flat.slice(0, begin, begin + kBatch), variance.slice(0, begin, begin + kBatch)));
    return at::cat(parts).to(y.scalar_type()).reshape(y.sizes());
  }

 private:
  struct Images {
    Tensor x, half_squares;  // (n,d), (n)
    // log w_i up to a constant: |y|^2 is the same for all i. (b,n)
    Tensor LogWeights(const Tensor& y, const Tensor& variance) const {
      return (y.matmul(x.t()) - half_squares) / variance;
    }
  };

  static Tensor WeightedMean(const Images& images, const Tensor& y, const Tensor& variance) {
    return images.LogWeights(y, variance).softmax(1).matmul(images.x);
  }

  // Derivatives go through those images alone that have any weight, at little noise one or two.
  // Seen from the first y's nearest image, which then is 0, a derivative that is all but 0 is not
  // drowned in the rounding of sums that cancel.
  Tensor Mean(const Tensor& y, const Tensor& variance) const {
    const Images all = {images_, half_squares_};
    const Tensor weights = all.LogWeights(y.detach(), variance);
    const Tensor counts =
        (weights - weights.amax(1, /*keepdim=*/true)).amax(0) > kNegligibleLog;  // (n)
    const Tensor kept = counts.nonzero().flatten();
    if (2 * kept.numel() > images_.size(0)) return WeightedMean(all, y, variance);
    const Tensor centre = images_.index_select(0, weights[0].argmax().view(1));  // (1,d)
    const Tensor x = images_.index_select(0, kept) - centre;
    return centre + WeightedMean({x, x.square().sum(1) / 2}, y - centre, variance);
  }

  DenoiserTraits traits_;
  Tensor images_, half_squares_;
};

}  // namespace

std::unique_ptr<Denoiser> MakeEmpiricalDenoiser(const SampleSource& images, ImageShape shape) {
  images.Check();
  return std::make_unique<EmpiricalDenoiser>(images, shape);
}

}  // namespace denoscope
