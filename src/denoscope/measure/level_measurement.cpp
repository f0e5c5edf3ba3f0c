#include "denoscope/measure/level_measurement.h"

#include "denoscope/measure/calibration.h"

namespace denoscope {

Evaluation MeasureLevel(const Denoiser& denoiser,
                        const Denoiser* wiener,
                        const ImageSet& images,
                        const Directions& directions,
                        double sigma,
                        std::int64_t sigma_index,
                        const EvaluationOptions& options) {
  Evaluation e = Evaluate(denoiser, wiener, images, directions, sigma, sigma_index, options);
  Calibration c = Calibrate(
      denoiser, wiener, images, directions.basis, directions.mean, sigma, sigma_index, options);
  e.calibration = c.whole.value;
  e.calibration_error = c.whole.error;
  e.distance = c.distance.value;
  e.distance_error = c.distance.error;
  e.gain = std::move(c.gains);
  e.gain_error = std::move(c.gain_errors);
  e.mode_calibration_error = std::move(c.ratio_errors);
  e.gain_replicates = std::move(c.gain_replicates);
  return e;
}

}  // namespace denoscope
