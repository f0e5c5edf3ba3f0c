// The table of errors by noise level, for the terminal, for JSON and for model cards.
#pragma once

#include <string>
#include <vector>

#include "denoscope/analysis/evaluation.h"
#include "denoscope/base/progress.h"
#include "denoscope/files/json.h"
#include "tools/model_argument.h"

namespace denoscope {

// modes 0: errors only.
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

std::string ErrorTable(const std::vector<Evaluation>& evaluations,
                       const std::vector<ErrorColumn>& others = {});  // Markdown
Json ErrorJson(const std::vector<Evaluation>& evaluations,
               const std::vector<ErrorColumn>& others = {});

}  // namespace denoscope
