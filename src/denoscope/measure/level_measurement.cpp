#include "denoscope/measure/level_measurement.h"

#include "denoscope/measure/calibration.h"

namespace denoscope {

Evaluation MeasureLevel(const EvaluationInput& input,
                        const Directions& directions,
                        const NoiseLevel& level,
                        const EvaluationOptions& options) {
  Evaluation e = Evaluate(input, directions, level, options);
  Calibration c = Calibrate(input, directions, level, options);
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
