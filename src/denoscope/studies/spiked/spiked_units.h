// The units of work of a spiked study: ten trials of one question at one d and n.
#pragma once

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "denoscope/arrays/npy.h"
#include "denoscope/studies/spiked/spiked_options.h"

namespace denoscope {

struct SpikedCase {
  std::string question;  // spike, bulk, modes, plug-in or regression
  Eigen::Index d = 0;
  std::int64_t n = 0, trials = 0;

  double Gamma() const { return static_cast<double>(d) / static_cast<double>(n - 1); }
};
std::vector<SpikedCase> SpikedCases(const SpikedStudyOptions& options);  // of resolved options

struct SpikedUnit {
  SpikedCase at;
  std::int64_t first = 0, count = 0;  // trials

  std::string Name() const;  // spike_d-00800_n-002400_trial-0010
  std::string Note() const;
};
std::vector<SpikedUnit> SpikedUnits(const SpikedCase& at);
std::vector<SpikedUnit> SpikedUnits(const SpikedStudyOptions& options);  // of all cases

// Arrays with a row a trial, all else in the columns' order:
//   spike                 eigenvalues, cos2 (trials, strengths)
//   bulk                  bulk (trials, d) descending, eigenvalues, cos2 (trials, spikes)
//   modes                 eigenvalues, cos2, signal (trials, sigmas, modes)
//   plug-in, regression   gains (trials, sigmas, variances), mse, belief (trials, sigmas)
Npz ComputeSpikedUnit(const SpikedStudyOptions& options, const SpikedUnit& unit);

// The variances of the spectrum at dimension d, the strengths in thresholds of the bulk's spikes.
Eigen::VectorXd StudiedSpectrum(const SpikedStudyOptions& options, Eigen::Index d);
Eigen::VectorXd BulkStrengths(const SpikedCase& at);

}  // namespace denoscope
