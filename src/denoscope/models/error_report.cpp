#include "denoscope/models/error_report.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/quality.h"
#include "denoscope/models/linear_model.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {
namespace {

Eigen::MatrixXf LeadingModes(const Pca& pca, std::int64_t modes) {
  return pca.basis.leftCols(std::min<Eigen::Index>(modes, pca.mean.size())).cast<float>();
}

// Calls of one noise level each, with progress.
template <typename Measure>
auto ByLevel(const std::vector<double>& sigmas,
             const char* what,
             const ProgressSink& progress,
             const Measure& measure) {
  std::vector<decltype(measure(0.0, std::int64_t{0}))> results;
  const auto total = static_cast<std::int64_t>(sigmas.size());
  for (std::int64_t s = 0; s < total; ++s) {
    results.push_back(measure(sigmas[static_cast<std::size_t>(s)], s));
    progress({what, s + 1, total, 0, "noise levels", ""});
  }
  return results;
}

std::vector<Evaluation> Errors(const Denoiser& denoiser,
                               const Denoiser* wiener,
                               const ImageSet& images,
                               const Directions& directions,
                               const ErrorOptions& options,
                               const ProgressSink& progress) {
  return ByLevel(options.sigmas, "evaluating", progress, [&](double sigma, std::int64_t index) {
    return Evaluate({denoiser, wiener, images}, directions, {sigma, index}, options.evaluation);
  });
}

// Against the Wiener denoiser of TrainingReference::Modes.
std::vector<Calibration> Calibrations(const Denoiser& denoiser,
                                      const TrainingReference& reference,
                                      const ImageSet& images,
                                      const ErrorOptions& options,
                                      const ProgressSink& progress) {
  std::unique_ptr<Denoiser> wiener;
  Directions directions;
  if (reference.Modes()) {
    wiener = MakeWienerDenoiser(reference.Modes(), images.ImageSize());
    directions.basis = LeadingModes(*reference.Modes(), options.modes);
  }
  return ByLevel(options.sigmas, "calibrating", progress, [&](double sigma, std::int64_t index) {
    return Calibrate(
        {denoiser, wiener.get(), images}, directions, {sigma, index}, options.evaluation);
  });
}

}  // namespace

ErrorReport MeasureErrors(const Denoiser& denoiser,
                          const TrainingReference& reference,
                          const ImageSet& images,
                          const ErrorOptions& options,
                          const ProgressSink& progress) {
  ErrorReport report;
  std::unique_ptr<Denoiser> wiener;
  Directions directions;
  if (reference.pca) {
    wiener = MakeWienerDenoiser(reference.pca, images.ImageSize());
    directions = {
        LeadingModes(*reference.Modes(), options.modes), reference.Modes()->mean, nullptr};
  }
  report.evaluations = Errors(denoiser, wiener.get(), images, directions, options, progress);
  const auto add = [&](const char* name, const Denoiser& other, const ImageSet& on) {
    report.others.push_back({name, Errors(other, nullptr, on, {}, options, progress)});
  };
  if (options.exact && reference.truth)
    add("exact", *MakeWienerDenoiser(reference.truth, images.ImageSize()), images);
  if (options.empirical)
    add("empirical", *OpenLinearModel("linear:empirical", reference).denoiser, images);
  if (options.training && !reference.images)
    throw Error("error of 'train': needs the training split: {}", reference.reason);
  if (options.training) add("train", denoiser, *reference.images);
  if (options.calibration)
    report.calibrations = Calibrations(denoiser, reference, images, options, progress);
  return report;
}

Table ModeTable(const ErrorReport& report, const Pca& modes) {
  Table table;
  table.columns = {"sigma", "k", "lambda", "resolved", "resolved_linear", "error", "error_linear"};
  if (!report.calibrations.empty())
    for (const char* name :
         {"gain", "gain_error", "gain_wiener", "calibration", "calibration_error"})
      table.columns.emplace_back(name);
  for (std::size_t s = 0; s < report.evaluations.size(); ++s) {
    const Evaluation& e = report.evaluations[s];
    const Eigen::VectorXd wiener = WienerGains(modes.eigenvalues, e.sigma);
    for (Eigen::Index k = 0; k < e.resolved.size(); ++k) {
      std::vector<double> row = {e.sigma,
                                 static_cast<double>(k),
                                 modes.eigenvalues[k],
                                 e.resolved[k],
                                 e.linear_resolved[k],
                                 e.mode_error[k],
                                 e.linear_mode_error[k]};
      if (!report.calibrations.empty()) {
        const Calibration& c = report.calibrations[s];
        row.insert(row.end(),
                   {c.gains[k], c.gain_errors[k], wiener[k], c.ratios[k], c.ratio_errors[k]});
      }
      AddRow(table, row);
    }
  }
  return table;
}

std::string ErrorTable(const ErrorReport& report) {
  const auto& [evaluations, others, calibrations] = report;
  std::string text = "| sigma | noisy | model MSE | PSNR | Wiener MSE | model / Wiener |";
  std::string line = "|------:|------:|----------:|-----:|-----------:|---------------:|";
  for (const ErrorColumn& other : others) {
    text += fmt::format(" {} MSE |", other.name);
    line += "---:|";
  }
  if (!calibrations.empty()) {
    text += " calibration | \\|J - W\\|/\\|W\\| |";
    line += "---:|---:|";
  }
  text += "\n" + line + "\n";
  for (std::size_t s = 0; s < evaluations.size(); ++s) {
    const Evaluation& e = evaluations[s];
    text += fmt::format("| {:g} | {:.5g} | {:#.4g} ± {:.1g} | {:.2f} |",
                        e.sigma,
                        e.sigma * e.sigma,
                        e.mse,
                        e.mse_error,
                        PsnrDb(e.mse));
    text += std::isnan(e.linear_mse) ? " - | - |"
                                     : fmt::format(" {:#.4g} ± {:.1g} | {:.3f} ± {:.3f} |",
                                                   e.linear_mse,
                                                   e.linear_mse_error,
                                                   e.mse / e.linear_mse,
                                                   e.ratio_error);
    for (const ErrorColumn& other : others)
      text += fmt::format(
          " {:#.4g} ± {:.1g} |", other.evaluations[s].mse, other.evaluations[s].mse_error);
    if (!calibrations.empty()) {
      const Calibration& c = calibrations[s];
      text += fmt::format(" {:.3f} ± {:.3f} |", c.whole.value, c.whole.error);
      text += std::isnan(c.distance.value)
                  ? " - |"
                  : fmt::format(" {:.3f} ± {:.3f} |", c.distance.value, c.distance.error);
    }
    text += "\n";
  }
  return text;
}

Json ErrorJson(const ErrorReport& report) {
  const auto& [evaluations, others, calibrations] = report;
  Json rows = Json::array();
  for (std::size_t s = 0; s < evaluations.size(); ++s) {
    const Evaluation& e = evaluations[s];
    Json row = {{"sigma", e.sigma},
                {"images", e.images},
                {"noisy", e.sigma * e.sigma},
                {"mse", e.mse},
                {"mse_error", e.mse_error},
                {"psnr", PsnrDb(e.mse)}};
    if (!std::isnan(e.linear_mse)) {
      row["wiener_mse"] = e.linear_mse;
      row["wiener_mse_error"] = e.linear_mse_error;
      row["ratio"] = e.mse / e.linear_mse;
      row["ratio_error"] = e.ratio_error;
    }
    for (const ErrorColumn& other : others) {
      row[other.name + "_mse"] = other.evaluations[s].mse;
      row[other.name + "_mse_error"] = other.evaluations[s].mse_error;
    }
    if (!calibrations.empty()) {
      const Calibration& c = calibrations[s];
      row["calibration"] = c.whole.value;
      row["calibration_error"] = c.whole.error;
      if (!std::isnan(c.distance.value)) {
        row["wiener_distance"] = c.distance.value;
        row["wiener_distance_error"] = c.distance.error;
      }
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace denoscope
