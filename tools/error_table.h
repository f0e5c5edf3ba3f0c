// The table of errors by noise level, for the terminal, for JSON and for model cards.
#pragma once

#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/files/json.h"
#include "denoscope/measure/calibration.h"
#include "denoscope/measure/evaluation.h"
#include "tools/model_argument.h"

namespace denoscope {

// modes 0: errors only; else as many of TrainingReference::Modes.
std::vector<Evaluation> EvaluateAll(const Denoiser& denoiser,
                                    const TrainingReference& reference,
                                    const ImageSet& images,
                                    const std::vector<double>& sigmas,
                                    std::int64_t modes,
                                    const EvaluationOptions& options,
                                    const ProgressSink& progress);

// Errors of something else at the same noise levels, a column of its own.
struct ErrorColumn {
  std::string name;  // "empirical"
  std::vector<Evaluation> evaluations;
};

// The optimum of the distribution itself; empty where that is not known.
std::vector<ErrorColumn> ExactColumn(const TrainingReference& reference,
                                     const ImageSet& images,
                                     const std::vector<double>& sigmas,
                                     const EvaluationOptions& options,
                                     const ProgressSink& progress);

// Against the Wiener denoiser of TrainingReference::Modes.
std::vector<Calibration> CalibrateAll(const Denoiser& denoiser,
                                      const TrainingReference& reference,
                                      const ImageSet& images,
                                      const std::vector<double>& sigmas,
                                      std::int64_t modes,
                                      const EvaluationOptions& options,
                                      const ProgressSink& progress);

struct ErrorReport {
  std::vector<Evaluation> evaluations;
  std::vector<ErrorColumn> others;
  std::vector<Calibration> calibrations;  // empty: not measured
};

std::string ErrorTable(const ErrorReport& report);  // Markdown
Json ErrorJson(const ErrorReport& report);

}  // namespace denoscope
