// The run folder of a PCA study made without one: two n, two noise levels, modes that are DCT
// vectors with lambda_k = 8, 4, 2, 1 (d = 16, the rest 0). Simulations are off the theories by
// known gaps. Link denoscope_results and denoscope_theory.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/results/run_folder.h"
#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

struct SyntheticPcaRun {
  std::vector<double> n = {20, 40};
  std::vector<double> sigmas = {0.1, 1};
  int modes = 4, draws = 3, images = 60;  // 40 x 3 images are more than there are
  double twin_cos2 = 0.5, images_cos2 = 0.4, error = 0.01;
};

class SyntheticPcaTables {
 public:
  explicit SyntheticPcaTables(const SyntheticPcaRun& options) : o_(options) {}

  void Write(const std::filesystem::path& folder) const {
    WriteCsv(folder / "spectrum.csv", Spectrum());
    WriteCsv(folder / "power_law.csv",
             Filled({"first_mode",
                     "last_mode",
                     "amplitude",
                     "exponent",
                     "exponent_error",
                     "exponent_low",
                     "exponent_high",
                     "r2",
                     "rms_error_of_log"},
                    {{0, 3, 8, 1.5, 0.25, 1.1, 1.9, 0.99, 0.1}}));
    WriteCsv(folder / "wiener.csv", Wiener());
    WriteCsv(folder / "gains.csv", Filled({"sigma", "k", "gain"}, {{0.1, 0, 1}}));
    WriteCsv(folder / "alignment.csv", Alignment());
    WriteCsv(folder / "alignment_theory.csv", Theory());
    WriteCsv(folder / "subspaces.csv", Subspaces());
    WriteCsv(folder / "above_edge.csv", AboveEdge());
    WriteCsv(folder / "aligning.csv", Aligning());
    WriteCsv(folder / "statistics.csv", Statistics());
    WriteCsv(folder / "theories.csv", Theories());
  }

  double Lambda(int k) const { return k < o_.modes ? 8 * std::pow(0.5, k) : 0; }

 private:
  using Rows = std::vector<std::vector<double>>;
  static Table Filled(const std::vector<std::string>& columns, const Rows& rows) {
    Table table = {columns, {}};
    for (const auto& row : rows) {
      table.rows.emplace_back();
      for (const double value : row) table.rows.back().push_back(NumberText(value));
    }
    return table;
  }

  Table Spectrum() const {
    Rows rows;
    double sum = 0;
    for (int k = 0; k < 16; ++k) {
      sum += Lambda(k);
      const double frequency = k < o_.modes ? 0.5 * (k + 1) : NAN;
      rows.push_back({1.0 * k, Lambda(k), 0.2, 1, sum / 15, frequency, std::sqrt(Lambda(k)), 1});
    }
    return Filled({"k",
                   "lambda",
                   "lambda_error",
                   "measured",
                   "share_up_to_here",
                   "frequency",
                   "sigma_half",
                   "reference_cos2"},
                  rows);
  }
  Table Wiener() const {
    Rows rows;
    for (const double s : o_.sigmas) rows.push_back({s, s * s, 2, 0.5, 0.6, 0.05, 3, 0.7});
    return Filled({"sigma",
                   "noisy_mse",
                   "wiener_trace",
                   "wiener_mse",
                   "held_out_mse",
                   "held_out_mse_error",
                   "projection_rank",
                   "projection_mse"},
                  rows);
  }
  Table Alignment() const {
    Rows rows;
    const double i = o_.images_cos2, g = o_.twin_cos2, e = o_.error;
    for (const double n : o_.n)
      for (const double s : o_.sigmas)
        for (int k = 0; k < o_.modes; ++k)
          rows.push_back({n,
                          s,
                          1.0 * k,
                          Lambda(k),
                          i,
                          e,
                          i,
                          e,
                          std::sqrt(1 - i),
                          e,
                          g,
                          e,
                          g,
                          e,
                          std::sqrt(1 - g),
                          e,
                          0.95,
                          0.6,
                          0.55});
    return Filled({"n",
                   "sigma",
                   "k",
                   "lambda",
                   "images_cos2",
                   "images_cos2_error",
                   "images_matched_cos2",
                   "images_matched_cos2_error",
                   "images_sin_theta",
                   "images_sin_theta_error",
                   "gaussian_cos2",
                   "gaussian_cos2_error",
                   "gaussian_matched_cos2",
                   "gaussian_matched_cos2_error",
                   "gaussian_sin_theta",
                   "gaussian_sin_theta_error",
                   "cos2_spiked",
                   "cos2_anisotropic",
                   "cos2_mixed"},
                  rows);
  }
  Table Theory() const {
    Rows rows;
    for (const double n : o_.n)
      for (const double k : {0.0, 1.0, 2.0})
        for (const double s : {0.1, 0.3, 1.0}) rows.push_back({n, k, s, 0.95, 0.6, 0.55, 0.5});
    return Filled(
        {"n", "k", "sigma", "cos2_spiked", "cos2_anisotropic", "cos2_mixed", "wiener_gain"}, rows);
  }
  Table Subspaces() const {
    Rows rows;
    for (const double n : o_.n)
      for (const double s : o_.sigmas)
        for (const double r : {1.0, 4.0}) rows.push_back({n, s, r, 0.8, 0.02, 0.7, 0.02, r / 16});
    return Filled({"n",
                   "sigma",
                   "rank",
                   "images_share",
                   "images_share_error",
                   "gaussian_share",
                   "gaussian_share_error",
                   "chance"},
                  rows);
  }
  Table AboveEdge() const {
    Rows rows;
    for (const double n : o_.n)
      for (const double s : o_.sigmas) rows.push_back({n, s, 4, 3.5, 0.2, 3, 0.2});
    return Filled(
        {"n", "sigma", "predicted", "images", "images_error", "gaussian", "gaussian_error"}, rows);
  }
  // Mode 0 is above the range, mode 3 below it, the others at 0.5 and 0.25 with an interval.
  Table Aligning() const {
    Table table = {{"n",
                    "k",
                    "lambda",
                    "frequency",
                    "sigma_critical_spiked",
                    "sigma_critical_anisotropic",
                    "sigma_aligning_spiked",
                    "sigma_aligning_anisotropic",
                    "sigma_aligning_mixed"},
                   {}};
    for (const char* source : {"images_own", "images_matched", "gaussian_own", "gaussian_matched"})
      for (const char* ending : {"", "_low", "_high", "_draws_crossed", "_censored"})
        table.columns.push_back(std::string(source) + ending);
    for (const double n : o_.n)
      for (int k = 0; k < o_.modes; ++k) {
        const double level = std::pow(0.5, k), spiked = std::sqrt(Lambda(k));
        std::vector<std::string> row;
        for (const double number :
             {n, 1.0 * k, Lambda(k), 0.5 * (k + 1), spiked, spiked, spiked, 0.0, spiked / 2})
          row.push_back(NumberText(number));
        for (int source = 0; source < 4; ++source) {
          const bool inside = k == 1 || k == 2;
          for (const double number : {level, 0.9 * level, 1.1 * level})
            row.push_back(NumberText(inside ? number : NAN));
          row.push_back(inside ? "3" : "0");
          row.push_back(inside ? "none" : k == 0 ? "above" : "below");
        }
        table.rows.push_back(std::move(row));
      }
    return table;
  }
  Table Statistics() const {
    Table table = {{"n", "samples", "measure", "modes", "below", "above", "rank_lambda", "slope"},
                   {}};
    for (const std::string statistic : {"rank_frequency", "partial_frequency"})
      for (const char* ending : {"", "_modes_low", "_modes_high", "_draws_low", "_draws_high"})
        table.columns.push_back(statistic + ending);
    for (const double n : o_.n)
      for (const std::string samples : {"images", "gaussian"})
        for (const std::string measure : {"own", "matched"})
          table.rows.push_back({NumberText(n),
                                samples,
                                measure,
                                "2",
                                "1",
                                "1",
                                "1",
                                "0.75",
                                samples == "images" ? "-0.9" : "-0.8",
                                "-0.95",
                                "-0.7",
                                "nan",
                                "nan",
                                samples == "images" ? "-0.2" : "nan",
                                "-0.4",
                                "0.1",
                                "-0.3",
                                "0.05"});
    return table;
  }
  Table Theories() const {
    Table table = {{"n",
                    "samples",
                    "theory",
                    "points",
                    "mean_gap",
                    "mean_error",
                    "greatest_gap",
                    "at_sigma",
                    "at_k",
                    "simulated_there",
                    "theory_there"},
                   {}};
    for (const double n : o_.n)
      for (const std::string samples : {"gaussian", "images"})
        for (const std::string theory : {"anisotropic", "mixed", "spiked"})
          table.rows.push_back({NumberText(n),
                                samples,
                                theory,
                                "8",
                                theory == "spiked"  ? "0.45"
                                : theory == "mixed" ? "0.05"
                                                    : "0.125",
                                "0.01",
                                "0.45",
                                "0.1",
                                "2",
                                "0.5",
                                "0.95"});
    return table;
  }

  SyntheticPcaRun o_;
};

inline RunFolder MakeSyntheticPcaRun(const std::filesystem::path& path, const SyntheticPcaRun& o) {
  const ImageShape shape = {1, 4, 4};
  const Json data = {{"name", "synthetic"}, {"split", "test"}, {"images", o.images}};
  RunFolder run = RunFolder::Begin(
      {path, true},
      {{"kind", "pca"},
       {"version", 1},
       {"identity", {{"options", {{"draws", o.draws}, {"modes", o.modes}}}, {"data", data}}}});
  const SyntheticPcaTables tables(o);
  Reference r;
  r.image_shape = {shape.C, shape.H, shape.W};
  r.n = 1000;
  r.data_sha256 = "synthetic";
  r.band_centre = Eigen::VectorXd::Zero(1);
  r.mean = Eigen::VectorXd::Zero(shape.Size());
  r.lambda.resize(shape.Size());
  for (int k = 0; k < shape.Size(); ++k) r.lambda[k] = tables.Lambda(k);
  r.basis = DctBasis(shape)
                .InverseTransform(Eigen::MatrixXd::Identity(shape.Size(), o.modes))
                .cast<float>();
  r.frequency = Eigen::VectorXd::LinSpaced(o.modes, 0.5, 0.5 * o.modes);
  WriteNpz(path / "reference.npz", ToNpz(r));
  tables.Write(path);
  run.SetManifest("status", "complete");
  return run;
}

}  // namespace denoscope
