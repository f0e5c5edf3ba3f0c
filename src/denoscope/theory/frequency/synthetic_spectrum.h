// Gaussian images with a known truth: a chosen spectrum on the DCT basis.
//   x = m + U diag(sqrt(lambda)) z,  z ~ N(0, I),  Cov x = U diag(lambda) U^T exactly,
// U the DCT vectors ordered by frequency (ties by number, dct.h), lowest first, so that the largest
// lambda is the smoothest; or reversed, so that it is the roughest and whatever follows variance
// can be told from what follows frequency.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

// Spectra (d), descending.
struct PowerLawShape {
  double exponent = 2;        // b >= 0
  double total_variance = 1;  // > 0
  Eigen::Index rank = 0;      // modes beyond it are 0; 0: all d
};
Eigen::VectorXd PowerLawSpectrum(Eigen::Index d, const PowerLawShape& shape);  // (k + 1)^-b, scaled
Eigen::VectorXd RankSpectrum(Eigen::Index d, Eigen::Index rank, double total_variance);  // r equal
// `spikes` above a floor: lambda_k = spikes[k], then `floor`; spikes descending and >= floor >= 0.
Eigen::VectorXd SpikedSpectrum(Eigen::Index d, const std::vector<double>& spikes, double floor);

enum class ModeOrder { kLowFrequencyFirst, kHighFrequencyFirst };

class GaussianImages {
 public:
  // lambda (d) in the order of the modes, mean (d), or empty for 0.
  GaussianImages(ImageShape shape,
                 Eigen::VectorXd lambda,
                 ModeOrder order = ModeOrder::kLowFrequencyFirst,
                 Eigen::VectorXd mean = {});

  const ImageShape& Shape() const { return dct_.Shape(); }
  const Eigen::VectorXd& Mean() const { return mean_; }
  const Eigen::VectorXd& Eigenvalues() const { return lambda_; }
  Eigen::VectorXd Frequencies() const;              // of each mode
  Eigen::MatrixXd Basis(Eigen::Index modes) const;  // (d, modes), the first ones
  Eigen::MatrixXd Covariance() const;               // (d,d)

  // Samples begin .. end - 1, (d, end - begin), each from a stream of its own: any range alone is
  // the same bytes as within a larger one.
  Eigen::MatrixXf Samples(std::uint64_t seed, std::int64_t begin, std::int64_t end) const;

 private:
  DctBasis dct_;
  Eigen::VectorXd lambda_, mean_;
  std::vector<Eigen::Index> vector_of_;  // the DCT vector of each mode
};

}  // namespace denoscope
