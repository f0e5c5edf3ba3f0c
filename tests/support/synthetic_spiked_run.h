// A spiked study's tables with numbers that are known, for what reads them.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct SyntheticSpikedRun {
  double gap = 0.01;  // of every mean cos^2 from its theory, 0.5
};

// d = 100, n = 50, strengths of 0.5, 1.49, 1.5 and 3 thresholds, 3 modes at sigma 0.1 and 1.
inline RunFolder MakeSyntheticSpikedRun(const std::filesystem::path& path,
                                        const SyntheticSpikedRun& options) {
  RunFolder run = RunFolder::Begin(
      {path, true}, {{"kind", "spiked"}, {"version", 1}, {"identity", {{"seed", 0}}}});
  const auto write = [&](const std::string& name,
                         const std::vector<std::string>& columns,
                         const std::vector<std::vector<double>>& rows) {
    Table table = {columns, {}};
    for (const std::vector<double>& row : rows) {
      table.rows.emplace_back();
      for (const double value : row) table.rows.back().push_back(NumberText(value));
    }
    WriteCsv(path / name, table);
  };
  std::vector<std::string> spikes = {"d",
                                     "n",
                                     "strength_in_thresholds",
                                     "strength",
                                     "trials",
                                     "cos2",
                                     "cos2_error",
                                     "cos2_theory",
                                     "eigenvalue",
                                     "eigenvalue_error",
                                     "eigenvalue_theory"};
  std::vector<std::string> theory = {
      "d", "n", "strength_in_thresholds", "strength", "cos2", "eigenvalue"};
  for (const std::string gain : {"best", "wiener", "projection"}) {
    spikes.insert(spikes.end(), {gain + "_mse", gain + "_mse_error"});
    theory.push_back(gain + "_mse");
  }
  std::vector<std::vector<double>> spike_rows, theory_rows;
  for (const double s : {0.5, 1.49, 1.5, 3.0}) {
    spike_rows.push_back(
        {100, 50, s, s, 40, 0.5 + options.gap, 0.01, 0.5, 4, 0.1, 4, 0.5, 0.1, 0.6, 0.1, 0.7, 0.1});
    theory_rows.push_back({100, 50, s, s, 0.5, 4, 0.5, 0.6, 0.7});
  }
  write("spikes.csv", spikes, spike_rows);
  write("spikes_theory.csv", theory, theory_rows);
  write("bulk.csv",
        {"d", "n", "low", "high", "density", "density_error", "density_theory"},
        {{100, 50, 0, 1, 0.3, 0.01, 0.31}, {100, 50, 1, 2, 0.2, 0.01, 0.19}});
  write("bulk_fit.csv",
        {"d",
         "n",
         "trials",
         "lower_edge",
         "upper_edge",
         "atom_at_zero",
         "largest_noise",
         "largest_noise_error",
         "kolmogorov_distance",
         "kolmogorov_distance_error"},
        {{100, 50, 10, 0.2, 1.8, 0.5, 1.7, 0.1, 0.01, 0.001}});
  write("bulk_spikes.csv",
        {"d", "n", "strength_in_thresholds", "eigenvalue", "eigenvalue_error", "eigenvalue_theory"},
        {{100, 50, 0.5, 1.7, 0.1, 1.8}, {100, 50, 2, 3, 0.1, 3.1}});
  std::vector<std::vector<double>> modes, aligning;
  for (const double sigma : {0.1, 1.0})
    for (const double k : {0.0, 1.0, 2.0})
      modes.push_back({100, 50, sigma, k, 40, 0.4, 0.01, 0.8, 0.6, 0.45, 2, 0.1, 3, 2});
  write("modes.csv",
        {"d",
         "n",
         "sigma",
         "k",
         "trials",
         "cos2",
         "cos2_error",
         "cos2_spiked",
         "cos2_anisotropic",
         "cos2_mixed",
         "eigenvalue",
         "eigenvalue_error",
         "eigenvalue_spiked",
         "eigenvalue_anisotropic"},
        modes);
  for (const double k : {0.0, 1.0, 2.0}) {
    const double found = k < 2 ? 0.4 : std::nan("");
    aligning.push_back({100, 50, k, 0.8, 0.6, 0.5, found, found, found});
  }
  write("aligning.csv",
        {"d",
         "n",
         "k",
         "sigma_aligning_spiked",
         "sigma_aligning_anisotropic",
         "sigma_aligning_mixed",
         "sigma_aligning",
         "sigma_aligning_low",
         "sigma_aligning_high"},
        aligning);
  Table learning = {{"method",
                     "d",
                     "n",
                     "sigma",
                     "trials",
                     "mmse",
                     "mse",
                     "mse_error",
                     "mse_theory",
                     "belief",
                     "belief_error",
                     "belief_theory"},
                    {}};
  Table gains = {
      {"method", "d", "n", "sigma", "k", "gain", "gain_error", "gain_theory", "gain_naive"}, {}};
  for (const std::string method : {"plug-in", "regression"})
    for (const std::string sigma : {"0.1", "1"}) {
      learning.rows.push_back({method,
                               "100",
                               "50",
                               sigma,
                               "40",
                               "1",
                               "2",
                               "0.1",
                               method == "plug-in" ? "2.1" : "inf",
                               "0.5",
                               "0.01",
                               "0.5"});
      for (const std::string k : {"0", "1", "2"})
        gains.rows.push_back({method, "100", "50", sigma, k, "0.5", "0.01", "0.55", "0.7"});
    }
  WriteCsv(path / "learning.csv", learning);
  WriteCsv(path / "gains.csv", gains);
  run.SetManifest("status", "complete");
  return run;
}

}  // namespace denoscope
