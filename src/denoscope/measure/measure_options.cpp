#include "denoscope/measure/measure_options.h"

#include "denoscope/base/error.h"

namespace denoscope {

void EvaluationOptions::Check() const {
  if (images == 1 || images < 0 || replicates < 20 || batch < 1)
    throw Error(
        "evaluation: expected 0 or at least 2 images, 20 replicates and a batch of 1, found {}, "
        "{}, {}",
        images,
        replicates,
        batch);
}

}  // namespace denoscope
