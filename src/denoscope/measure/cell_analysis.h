// One cell: the Jacobian of a denoiser at one noisy image, its spectrum, what surrounds it, and the
// same of the Wiener denoiser through the same engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "denoscope/data/image_set.h"
#include "denoscope/data/noise.h"
#include "denoscope/denoise/null_denoisers.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/measure/spectrum_analysis.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// Of a study that analyses cells and evaluates.
struct AnalysisInput {
  const Denoiser& denoiser;
  const ImageSet& images;                  // analysed and evaluated: a test split
  std::shared_ptr<const Pca> pca;          // of the training split; null: no linear comparison
  std::string pca_sha256;                  // of the data behind it
  std::string no_pca_reason;               // why there is none
  const std::vector<NullDenoiser>& nulls;  // evaluated beside it where there is a training set
  Json model;                              // name, sha256, parameters: part of the identity
  Json record;  // revision, command line, libraries, threads: recorded only
};

struct CellOptions {
  std::int64_t modes = 300;    // leading PCA modes looked at, >= 1; fewer where variance ends
  std::vector<double> sigmas;  // of foretold gains: all noise levels of the run
  SpectrumOptions spectrum;
  JacobianOptions jacobian;
  std::uint64_t seed = 0;
};

class CellAnalysis {
 public:
  CellAnalysis(const AnalysisInput& input, CellOptions options);

  const Reference& TheReference() const { return reference_; }
  const DctBasis& Dct() const { return dct_; }
  const Denoiser* Wiener() const { return wiener_.get(); }  // null without a training set
  Cell Compute(const CellKey& key, const NoisyPair& pair);

 private:
  struct LinearTwin {
    std::int64_t sigma_index = -1;
    Eigen::MatrixXf J;
    Spectrum spectrum;
  };
  void AddLinearTwin(const CellKey& key, const NoisyPair& pair, Cell& cell);

  const AnalysisInput& input_;
  CellOptions options_;
  DctBasis dct_;
  DctBands bands_;
  Reference reference_;
  Eigen::MatrixXf probes_;  // the same of every cell, so that sketches compare
  std::unique_ptr<Denoiser> wiener_;
  LinearTwin twin_;  // of the latest noise level: it changes with sigma only
};

}  // namespace denoscope
