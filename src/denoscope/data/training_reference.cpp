#include "denoscope/data/training_reference.h"

#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/data/photo.h"
#include "denoscope/data/synthetic_images.h"

namespace denoscope {
namespace {

// The principal components of the distribution itself: Wiener's denoiser on them is the optimum.
Pca PcaOfTruth(const GaussianImages& truth) {
  const Eigen::VectorXd& lambda = truth.Eigenvalues();
  return {
      std::numeric_limits<std::int64_t>::max(), truth.Mean(), lambda, truth.Basis(lambda.size())};
}

}  // namespace

TrainingReference LoadTrainingReference(const std::string& data, const ProgressSink& progress) {
  TrainingReference reference;
  if (IsPhoto(data)) {
    reference.reason = fmt::format("'{}' is one photo, without a training split", data);
    return reference;
  }
  try {
    const ImageSet images = LoadImageSet(data, "train", progress);
    reference.shape = images.ImageSize();
    reference.sha256 = images.Sha256();
    reference.pca = std::make_shared<const Pca>(PcaOf(images));
    reference.images = images;
    if (const std::optional<GaussianImages> truth = TruthOf(data))
      reference.truth = std::make_shared<const Pca>(PcaOfTruth(*truth));
  } catch (const Error& e) {
    reference.reason = e.what();
  }
  return reference;
}

}  // namespace denoscope
