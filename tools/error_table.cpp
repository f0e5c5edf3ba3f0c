#include "tools/error_table.h"

#include <cmath>

#include "denoscope/denoise/linear_denoisers.h"

namespace denoscope {
namespace {

// Of pixels on [0,1].
double Psnr(double mse) { return -10 * std::log10(mse); }

}  // namespace

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

std::string ErrorTable(const std::vector<Evaluation>& evaluations,
                       const std::vector<ErrorColumn>& others) {
  std::string text = "| sigma | noisy | model MSE | PSNR | Wiener MSE | model / Wiener |";
  std::string line = "|------:|------:|----------:|-----:|-----------:|---------------:|";
  for (const ErrorColumn& other : others) {
    text += fmt::format(" {} MSE |", other.name);
    line += "---:|";
  }
  text += "\n" + line + "\n";
  for (std::size_t s = 0; s < evaluations.size(); ++s) {
    const Evaluation& e = evaluations[s];
    text += fmt::format("| {:g} | {:.5g} | {:.5f} ± {:.1g} | {:.2f} |",
                        e.sigma,
                        e.sigma * e.sigma,
                        e.mse,
                        e.mse_error,
                        Psnr(e.mse));
    text += std::isnan(e.linear_mse) ? " - | - |"
                                     : fmt::format(" {:.5f} ± {:.1g} | {:.3f} ± {:.3f} |",
                                                   e.linear_mse,
                                                   e.linear_mse_error,
                                                   e.mse / e.linear_mse,
                                                   e.ratio_error);
    for (const ErrorColumn& other : others)
      text += fmt::format(
          " {:.5f} ± {:.1g} |", other.evaluations[s].mse, other.evaluations[s].mse_error);
    text += "\n";
  }
  return text;
}

Json ErrorJson(const std::vector<Evaluation>& evaluations, const std::vector<ErrorColumn>& others) {
  Json rows = Json::array();
  for (std::size_t s = 0; s < evaluations.size(); ++s) {
    const Evaluation& e = evaluations[s];
    Json row = {{"sigma", e.sigma},
                {"images", e.images},
                {"noisy", e.sigma * e.sigma},
                {"mse", e.mse},
                {"mse_error", e.mse_error},
                {"psnr", Psnr(e.mse)}};
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
    rows.push_back(row);
  }
  return rows;
}

}  // namespace denoscope
