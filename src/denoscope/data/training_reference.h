// The training split behind PCA and the linear denoisers, where it is installed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "denoscope/data/image_set.h"

namespace denoscope {

struct TrainingReference {
  std::optional<ImageSet> images;    // none without a training split
  std::shared_ptr<const Pca> pca;    // of all of them; null without
  std::shared_ptr<const Pca> truth;  // of the distribution itself, where it is known; else null
  ImageShape shape;
  std::string sha256;
  std::string reason;  // why there is none

  // The modes that errors are resolved by: the distribution's own where known, else the split's.
  const std::shared_ptr<const Pca>& Modes() const { return truth ? truth : pca; }
};

// Of the set that `data` names (image_set.h); without one where it cannot be loaded or is a photo.
TrainingReference LoadTrainingReference(const std::string& data, const ProgressSink& progress);

}  // namespace denoscope
