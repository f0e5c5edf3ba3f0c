// Errors of a denoiser by noise level, beside Wiener's and others', and the table of them.
#pragma once

#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/files/csv.h"
#include "denoscope/files/json.h"
#include "denoscope/measure/calibration.h"
#include "denoscope/measure/evaluation.h"
#include "denoscope/models/opened_model.h"

namespace denoscope {

struct ErrorOptions {
  std::vector<double> sigmas;
  std::int64_t modes = 0;  // of TrainingReference::Modes, resolved one by one; 0: errors only
  // What stands beside the model, each a column of its own on the same images and noise:
  bool exact = false;        // the optimum of the distribution itself, where that is known
  bool empirical = false;    // the optimum on the training images, which memorises
  bool training = false;     // the model itself, on as many images of the training split
  bool calibration = false;  // what J foretells, against Wiener's of TrainingReference::Modes
  EvaluationOptions evaluation = {};
};

struct ErrorColumn {
  std::string name;  // "empirical"
  std::vector<Evaluation> evaluations;
};

struct ErrorReport {
  std::vector<Evaluation> evaluations;
  std::vector<ErrorColumn> others;
  std::vector<Calibration> calibrations;  // empty: not measured
};

// Throws where a column needs the training split and there is none.
ErrorReport MeasureErrors(const Denoiser& denoiser,
                          const TrainingReference& reference,
                          const ImageSet& images,
                          const ErrorOptions& options,
                          const ProgressSink& progress);

Table ModeTable(const ErrorReport& report, const Pca& modes);  // a row a level and mode
std::string ErrorTable(const ErrorReport& report);             // Markdown
Json ErrorJson(const ErrorReport& report);

}  // namespace denoscope
