// The control that parts variance from frequency: a set with its DCT spectrum reversed.
//
// c = B^T (x - m) are the DCT coefficients of an image about the training mean, s_k their standard
// deviations over the training split. Within each channel (luma and chroma for colour) rank r in
// the order of frequency trades places with rank n - 1 - r, r':
//   c'_r = s_r' c_r / max(s_r, floor),   x' = m + B c'
// so that the highest frequency varies as much as the lowest did, and the mean image stays. What a
// denoiser then sees first follows variance or frequency, no longer both.
// A coefficient that hardly varies is rounding and has nothing to be whitened to: the floor is
// kReversedFloor of the largest s. A set that loses more than half of its variance by that, one of
// low rank, is refused. Images are floats and not clipped to [0,1].
#pragma once

#include <Eigen/Dense>

#include "denoscope/data/image_set.h"
#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

constexpr double kReversedFloor = 1e-3;

class SpectrumReversal {
 public:
  explicit SpectrumReversal(const ImageSet& train);

  const Eigen::VectorXd& Mean() const { return mean_; }              // m (d)
  const Eigen::VectorXd& Deviations() const { return deviations_; }  // s (d), by DCT vector
  const Eigen::VectorXd& Gains() const { return gains_; }            // c' / c (d)

  Eigen::MatrixXd Apply(const Eigen::MatrixXd& images) const;  // columns (d,n) -> (d,n)

 private:
  DctBasis dct_;
  Eigen::VectorXd mean_, deviations_, gains_;
};

// `images` is either split, `train` the split that statistics come from. Whole in memory.
ImageSet ReversedSet(const ImageSet& images, const ImageSet& train, const std::string& name);

}  // namespace denoscope
