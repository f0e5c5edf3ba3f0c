// What was measured of speed, a line each; the JSON is that of the headers in denoscope/bench.
#pragma once

#include <string>

#include "denoscope/bench/bench_training.h"
#include "denoscope/files/json.h"

namespace denoscope {

std::string JacobianSpeedText(const Json& result);
std::string TrainingSpeedText(const TrainingSpeed& speed);
Json TrainingSpeedJson(const TrainingSpeed& speed);
std::string WeightsSpeedText(const Json& result);
std::string SpectrumSpeedText(const Json& result);
std::string RankedSpectrumText(const Json& result);  // on the ranks of a job

}  // namespace denoscope
