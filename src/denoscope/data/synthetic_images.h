// Sets of images drawn from a known distribution, named by a small text: KIND[:OPTIONS].
//   gaussian   power law on the DCT basis      size channels exponent rank variance mean
//   low-rank   equal variances on it           size channels rank variance mean
//   spiked     spikes above an even floor      size channels spikes floor mean
//   calpha     two smooth regions, a contour   size alpha
//   discs      one disc on an even ground      size
// and train, test (images in each split) and seed for all. SyntheticKinds has the defaults. Images
// are floats and not clipped to [0,1].
#pragma once

#include <torch/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "denoscope/data/data_spec.h"
#include "denoscope/theory/frequency/synthetic_spectrum.h"

namespace denoscope {

class SyntheticImages {
 public:
  // Throws on a spec whose source is no kind, and on a bad option.
  explicit SyntheticImages(const DataSpec& spec);

  const ImageShape& Shape() const { return shape_; }
  std::int64_t Count(const std::string& split) const;  // "train" or "test"
  // The kind with every option: two sets with the same text are the same.
  const std::string& Canonical() const { return canonical_; }
  // Mean, eigenvalues and eigenvectors of the distribution itself; empty for kinds not Gaussian.
  const std::optional<GaussianImages>& Truth() const { return truth_; }

  // Images begin .. end - 1 of a split's stream, (end - begin,C,H,W) float32. Each image has a
  // random stream of its own, and a split is the first Count() of a sequence without end: those
  // beyond it, at any index, are fresh draws.
  torch::Tensor Draw(const std::string& split, std::int64_t begin, std::int64_t end) const;

 private:
  using Drawing = std::function<Eigen::MatrixXf(std::uint64_t, std::int64_t, std::int64_t)>;

  ImageShape shape_;
  std::int64_t train_ = 0, test_ = 0;
  std::uint64_t seed_ = 0;
  std::string canonical_;
  std::optional<GaussianImages> truth_;
  Drawing other_;  // of kinds that are not Gaussian: columns from seed, begin and end
};

struct SyntheticKind {
  std::string name, summary;
  std::string options;  // all, with their defaults
};
std::vector<SyntheticKind> SyntheticKinds();
bool IsSyntheticKind(const std::string& name);

// The distribution that `spec` draws from, where it is a Gaussian one; not of a reversed set, which
// follows the sample.
std::optional<GaussianImages> TruthOf(const std::string& spec);

}  // namespace denoscope
