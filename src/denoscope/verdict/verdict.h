// Is it a denoiser, the one it says to be, and how near an optimum? A few tests on held-out images
// with noise, each with what it found and what it can and cannot show. Thresholds are ours, and
// wide: a failure means that an analysis of J would mislead.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "denoscope/base/enum_names.h"
#include "denoscope/base/progress.h"
#include "denoscope/measure/calibration.h"
#include "denoscope/verdict/reading_search.h"

namespace denoscope {

enum class Outcome { kPass, kDoubt, kFail, kUntested };
template <>
struct EnumNames<Outcome> {
  static constexpr const char* kWhat = "outcome";
  static constexpr EnumName<Outcome> kNames[] = {{Outcome::kPass, "pass"},
                                                 {Outcome::kDoubt, "doubt"},
                                                 {Outcome::kFail, "fail"},
                                                 {Outcome::kUntested, "untested"}};
};

struct Check {
  std::string name;
  Outcome outcome = Outcome::kUntested;
  std::string finding;  // a sentence with numbers
  std::string limits;   // what it can and cannot show
};

struct VerdictData {
  const ImageSet& images;               // held out
  const ImageSet* training = nullptr;   // those trained on; null: no test for memorising
  std::shared_ptr<const Pca> pca = {};  // of the training images; null: nothing linear to compare
};

struct VerdictOptions {
  EvaluationOptions evaluation = {1000, 20, 250, 0};
  std::int64_t modes = 50;           // of PCA, tested one by one
  std::int64_t jacobian_images = 2;  // for the symmetry of J
  std::int64_t probes = 16;          // products with J and J^T each
  std::int64_t memory_images = 100;  // on which it is held against the memorising optimum
  std::int64_t reading_images = 16;  // of the search for a better reading
};

// Measured at one noise level.
struct LevelFindings {
  double sigma = 0;
  Evaluation errors;
  double multiple_mse = 0;  // of the best D = m + a (y - m), per pixel
  Calibration calibration;
  Eigen::VectorXd wiener_gains;                                   // of the modes
  double asymmetry = kNotComputed, negative_mass = kNotComputed;  // means over images
  double training_mse = kNotComputed;                             // on training images
  MeanRatio memory_distance{kNotComputed, kNotComputed};  // |J - M'|/|M'|, M the memorising optimum
};
LevelFindings Examine(const Denoiser& denoiser,
                      const VerdictData& data,
                      const NoiseLevel& at,
                      const VerdictOptions& options);

// The tests of what was measured, in the order in which one reads them.
std::vector<Check> Judge(const DenoiserTraits& traits, const std::vector<LevelFindings>& levels);
// Against the best of FitReadings, which must denoise to be proposed: beat the multiple_mse by
// level.
Check JudgeReading(const Parameterisation& declared,
                   const std::vector<ReadingFit>& fits,
                   const std::vector<double>& sigmas,
                   const std::vector<double>& multiple_mse);

struct Verdict {
  std::vector<LevelFindings> levels;
  std::vector<ReadingFit> readings;  // of a network
  std::vector<Check> checks;
  bool Failed() const;
};
Verdict VerdictOn(const Denoiser& denoiser,
                  const VerdictData& data,
                  const std::vector<double>& sigmas,
                  const VerdictOptions& options,
                  const ProgressSink& progress);

}  // namespace denoscope
