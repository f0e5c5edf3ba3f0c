// Which modes emerge first, and how that goes with variance and frequency.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/base/censoring.h"
#include "denoscope/files/csv.h"
#include "denoscope/results/evaluation_record.h"

namespace denoscope {

// The noise level at which something falls to one half, over sigma.
struct HalfLevel {
  double sigma = kNotComputed;                     // NaN when censored
  double low = kNotComputed, high = kNotComputed;  // 95 % interval; NaN when there is none
  Censoring censored = Censoring::kNotComputed;
};

struct ModeHalves {
  HalfLevel resolved;       // resolved variance over held-out images: the primary measure
  HalfLevel gain;           // mean u_k^T J u_k, over held-out images or, without those, the cells
  HalfLevel gain_relative;  // over the cells, divided by its value at the smallest sigma
};

struct IntervalEstimate {
  double value = kNotComputed;
  // 95 % over images drawn again, around the value; NaN: none.
  double low = kNotComputed, high = kNotComputed;
};

// Statistics of log sigma_half over the directions with an uncensored level.
struct EmergenceStatistics {
  std::string denoiser, measure;  // "deep", "linear" or a null; "resolved", "gain", "band_gain", ..
  std::int64_t modes = 0, censored = 0;     // with and without a level
  IntervalEstimate rank_lambda = {};        // Spearman with lambda
  IntervalEstimate rank_frequency = {};     // Spearman with frequency
  IntervalEstimate partial_frequency = {};  // the same given lambda
  IntervalEstimate slope = {};              // of log sigma_half on log lambda; Wiener: 1/2
  IntervalEstimate spread = {};             // standard deviation of log sigma_half
};

// Levels along directions: PCA modes, or bands of DCT vectors (of a band lambda is the mean).
struct DirectionHalves {
  Eigen::VectorXd lambda, frequency, sigma_critical;  // (m)
  std::vector<ModeHalves> deep, linear;               // (m)
};

// A denoiser that is none: what the measures show where there is nothing to see.
struct NullCurves {
  std::string name;
  Eigen::MatrixXd resolved, gain;  // (S,m)
};

struct Emergence : DirectionHalves {  // of the PCA modes
  DirectionHalves bands;              // empty without an evaluation
  std::vector<EmergenceStatistics> statistics;
  Eigen::VectorXd sigmas;                     // (S), ascending
  Eigen::MatrixXd resolved, linear_resolved;  // (S,m), empty without an evaluation
  Eigen::MatrixXd gain, linear_gain;          // (S,m), as in ModeHalves
  Eigen::MatrixXd mode_error;                 // (S,m): calibrated if equal to sigma^2 times gain
  Eigen::MatrixXd image_halves;               // (images,m): gain_relative of each image alone
  std::vector<NullCurves> nulls;
};
Npz ToNpz(const Emergence& emergence);
Table HalvesTable(const DirectionHalves& halves);
Table StatisticsTable(const std::vector<EmergenceStatistics>& statistics);
std::vector<EmergenceStatistics> StatisticsFromTable(const Table& table);

constexpr const char* kModesFile = "modes.npz";  // of a run's folder
struct EmergenceFiles {
  Npz modes;
  Table halves, band_halves, statistics;
};
Emergence EmergenceFromFiles(const EmergenceFiles& files);

}  // namespace denoscope
