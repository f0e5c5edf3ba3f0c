// A spiked study's tables with numbers that are known, for what reads them.
#pragma once

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "denoscope/results/run_folder.h"
#include "denoscope/results/spiked_columns.h"
#include "tests/support/named_row.h"

namespace denoscope {

struct SyntheticSpikedRun {
  double gap = 0.01;  // of every mean cos^2 from its theory, 0.5
};

// d = 100, n = 50, strengths of 0.5, 1.49, 1.5 and 3 thresholds, 3 modes at sigma 0.1 and 1.
inline RunFolder MakeSyntheticSpikedRun(const std::filesystem::path& path,
                                        const SyntheticSpikedRun& options) {
  RunFolder run = RunFolder::Begin(
      {path, true}, {{"kind", "spiked"}, {"version", 1}, {"identity", {{"seed", 0}}}});
  const auto write = [&](const TableSpec& spec,
                         const std::vector<std::map<std::string, double>>& rows) {
    Table table = spec.Empty();
    for (const auto& row : rows) AddNamedRow(table, row);
    WriteCsv(path / spec.file, table);
  };
  std::vector<std::map<std::string, double>> spikes, theory, modes, aligning;
  for (const double s : {0.5, 1.49, 1.5, 3.0}) {
    const std::map<std::string, double> at = {
        {"d", 100}, {"n", 50}, {"strength_in_thresholds", s}, {"strength", s}};
    spikes.push_back({{"trials", 40},
                      {"cos2", 0.5 + options.gap},
                      {"cos2_error", 0.01},
                      {"cos2_theory", 0.5},
                      {"eigenvalue", 4},
                      {"eigenvalue_error", 0.1},
                      {"eigenvalue_theory", 4},
                      {"best_mse", 0.5},
                      {"best_mse_error", 0.1},
                      {"wiener_mse", 0.6},
                      {"wiener_mse_error", 0.1},
                      {"projection_mse", 0.7},
                      {"projection_mse_error", 0.1}});
    theory.push_back({{"cos2", 0.5},
                      {"eigenvalue", 4},
                      {"best_mse", 0.5},
                      {"wiener_mse", 0.6},
                      {"projection_mse", 0.7}});
    spikes.back().insert(at.begin(), at.end());
    theory.back().insert(at.begin(), at.end());
  }
  write(kSpikedSpikes, spikes);
  write(kSpikedTheory, theory);
  const auto bin = [](double low, double density, double expected) {
    return std::map<std::string, double>{{"d", 100},
                                         {"n", 50},
                                         {"low", low},
                                         {"high", low + 1},
                                         {"density", density},
                                         {"density_error", 0.01},
                                         {"density_theory", expected}};
  };
  write(kSpikedBulk, {bin(0, 0.3, 0.31), bin(1, 0.2, 0.19)});
  write(kSpikedBulkFit,
        {{{"d", 100},
          {"n", 50},
          {"trials", 10},
          {"lower_edge", 0.2},
          {"upper_edge", 1.8},
          {"atom_at_zero", 0.5},
          {"largest_noise", 1.7},
          {"largest_noise_error", 0.1},
          {"kolmogorov_distance", 0.01},
          {"kolmogorov_distance_error", 0.001}}});
  const auto spike = [](double strength, double eigenvalue, double expected) {
    return std::map<std::string, double>{{"d", 100},
                                         {"n", 50},
                                         {"strength_in_thresholds", strength},
                                         {"eigenvalue", eigenvalue},
                                         {"eigenvalue_error", 0.1},
                                         {"eigenvalue_theory", expected}};
  };
  write(kSpikedBulkSpikes, {spike(0.5, 1.7, 1.8), spike(2, 3, 3.1)});
  for (const double sigma : {0.1, 1.0})
    for (const double k : {0.0, 1.0, 2.0})
      modes.push_back({{"d", 100},
                       {"n", 50},
                       {"sigma", sigma},
                       {"k", k},
                       {"trials", 40},
                       {"cos2", 0.4},
                       {"cos2_error", 0.01},
                       {"cos2_spiked", 0.8},
                       {"cos2_anisotropic", 0.6},
                       {"cos2_mixed", 0.45},
                       {"eigenvalue", 2},
                       {"eigenvalue_error", 0.1},
                       {"eigenvalue_spiked", 3},
                       {"eigenvalue_anisotropic", 2}});
  write(kSpikedModes, modes);
  for (const double k : {0.0, 1.0, 2.0}) {
    const double found = k < 2 ? 0.4 : std::nan("");
    aligning.push_back({{"d", 100},
                        {"n", 50},
                        {"k", k},
                        {"sigma_aligning_spiked", 0.8},
                        {"sigma_aligning_anisotropic", 0.6},
                        {"sigma_aligning_mixed", 0.5},
                        {"sigma_aligning", found},
                        {"sigma_aligning_low", found},
                        {"sigma_aligning_high", found}});
  }
  write(kSpikedAligning, aligning);
  Table learning = kSpikedLearning.Empty(), gains = kSpikedGains.Empty();
  for (const std::string method : {"plug-in", "regression"})
    for (const double sigma : {0.1, 1.0}) {
      AddNamedRow(learning,
                  {{"d", 100},
                   {"n", 50},
                   {"sigma", sigma},
                   {"trials", 40},
                   {"mmse", 1},
                   {"mse", 2},
                   {"mse_error", 0.1},
                   {"mse_theory", method == "plug-in" ? 2.1 : HUGE_VAL},
                   {"belief", 0.5},
                   {"belief_error", 0.01},
                   {"belief_theory", 0.5}},
                  {{"method", method}});
      for (const double k : {0.0, 1.0, 2.0})
        AddNamedRow(gains,
                    {{"d", 100},
                     {"n", 50},
                     {"sigma", sigma},
                     {"k", k},
                     {"gain", 0.5},
                     {"gain_error", 0.01},
                     {"gain_theory", 0.55},
                     {"gain_naive", 0.7}},
                    {{"method", method}});
    }
  WriteCsv(path / kSpikedLearning.file, learning);
  WriteCsv(path / kSpikedGains.file, gains);
  run.SetManifest("status", "complete");
  return run;
}

}  // namespace denoscope
