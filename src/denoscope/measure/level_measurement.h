// All that held-out images show of a denoiser at one noise level: its errors (evaluation.h) and
// what its Jacobian foretells of them (calibration.h), on the same images and noise.
#pragma once

#include "denoscope/measure/evaluation.h"

namespace denoscope {

Evaluation MeasureLevel(const EvaluationInput& input,
                        const Directions& directions,
                        const NoiseLevel& level,
                        const EvaluationOptions& options);

}  // namespace denoscope
