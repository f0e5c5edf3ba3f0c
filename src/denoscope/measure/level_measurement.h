// All that held-out images show of a denoiser at one noise level: its errors (evaluation.h) and
// what its Jacobian foretells of them (calibration.h), on the same images and noise.
#pragma once

#include "denoscope/measure/evaluation.h"

namespace denoscope {

Evaluation MeasureLevel(const Denoiser& denoiser,
                        const Denoiser* wiener,
                        const ImageSet& images,
                        const Directions& directions,
                        double sigma,
                        std::int64_t sigma_index,
                        const EvaluationOptions& options);

}  // namespace denoscope
