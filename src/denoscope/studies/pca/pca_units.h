// The units of a PCA study: one noisy basis each.
#pragma once

#include <string>
#include <vector>

#include "denoscope/measure/pca_reference.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/runs/study_data.h"
#include "denoscope/studies/pca/pca_options.h"
#include "denoscope/theory/spiked/noisy_basis.h"

namespace denoscope {

struct PcaUnit {
  SampleKind kind = SampleKind::kImages;
  std::int64_t n = 0;
  NoiseCell cell;
  double sigma = 0;
  std::string Name() const;  // images_n-001000_sig-0.100000_draw-00
  std::string Note() const;
};
// In their order of work: the noise levels of one draw's samples together.
std::vector<PcaUnit> PcaUnits(const PcaStudyOptions& options, const std::vector<double>& sigmas);

NoisyBasisOptions BasisOptions(const PcaStudyOptions& options,
                               const std::vector<double>& sigmas,
                               const PcaUnit& unit);

// Keeps the samples of the last draw, so that units in order make each only once.
class PcaBases {
 public:
  PcaBases(const ImageSet& samples, const PcaReference& reference, const PcaStudyOptions& options);

  NoisyBasis Learn(const PcaUnit& unit);

 private:
  const Eigen::MatrixXf& Samples(const PcaUnit& unit);

  const ImageSet& images_;
  const PcaStudyOptions& options_;
  std::vector<double> sigmas_;
  Eigen::VectorXd lambda_;
  Eigen::MatrixXd basis_, axes_;  // u_k of the images, of the Gaussian samples
  std::vector<std::int64_t> order_;
  std::string drawn_;  // what samples_ are
  Eigen::MatrixXf samples_;
};

Npz ToNpz(const NoisyBasis& basis);
NoisyBasis NoisyBasisFromNpz(const Npz& npz, const std::string& source);

// All bases of one kind and n; throws naming a unit that is missing.
NoisyBases ReadBases(const RunFolder& run,
                     const PcaStudyOptions& options,
                     const std::vector<double>& sigmas,
                     const PcaUnit& of);

}  // namespace denoscope
