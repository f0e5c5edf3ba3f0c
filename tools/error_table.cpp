#include "tools/error_table.h"

#include <cmath>

#include "denoscope/denoise/linear_denoisers.h"

namespace denoscope {

std::vector<Evaluation> EvaluateAll(const Denoiser& denoiser,
                                    const TrainingReference& reference,
                                    const ImageSet& images,
                                    const std::vector<double>& sigmas,
                                    std::int64_t modes,
                                    const EvaluationOptions& options,
                                    const ProgressSink& progress) {
  std::unique_ptr<Denoiser> wiener;
  Eigen::MatrixXf basis;
  Eigen::VectorXd mean;
  if (reference.pca) {
    wiener = MakeWienerDenoiser(reference.pca, images.ImageSize());
    mean = reference.pca->mean;
    basis = reference.pca->basis.leftCols(std::min<Eigen::Index>(modes, mean.size())).cast<float>();
  }
  std::vector<Evaluation> evaluations;
  const auto total = static_cast<std::int64_t>(sigmas.size());
  for (std::int64_t s = 0; s < total; ++s) {
    evaluations.push_back(Evaluate(denoiser,
                                   wiener.get(),
                                   images,
                                   basis,
                                   mean,
                                   sigmas[static_cast<std::size_t>(s)],
                                   s,
                                   options));
    progress({"evaluating", s + 1, total, 0, "noise levels", ""});
  }
  return evaluations;
}

std::string ErrorTable(const std::vector<Evaluation>& evaluations) {
  std::string text =
      "| sigma | noisy | model MSE | Wiener MSE | model / Wiener |\n"
      "|------:|------:|----------:|-----------:|---------------:|\n";
  for (const Evaluation& e : evaluations) {
    text += fmt::format(
        "| {:g} | {:.5g} | {:.5f} ± {:.1g} |", e.sigma, e.sigma * e.sigma, e.mse, e.mse_error);
    text += std::isnan(e.linear_mse) ? " - | - |\n"
                                     : fmt::format(" {:.5f} ± {:.1g} | {:.3f} ± {:.3f} |\n",
                                                   e.linear_mse,
                                                   e.linear_mse_error,
                                                   e.mse / e.linear_mse,
                                                   e.ratio_error);
  }
  return text;
}

Json ErrorJson(const std::vector<Evaluation>& evaluations) {
  Json rows = Json::array();
  for (const Evaluation& e : evaluations) {
    Json row = {{"sigma", e.sigma},
                {"images", e.images},
                {"noisy", e.sigma * e.sigma},
                {"mse", e.mse},
                {"mse_error", e.mse_error}};
    if (!std::isnan(e.linear_mse)) {
      row["wiener_mse"] = e.linear_mse;
      row["wiener_mse_error"] = e.linear_mse_error;
      row["ratio"] = e.mse / e.linear_mse;
      row["ratio_error"] = e.ratio_error;
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace denoscope
