// The orthonormal two-dimensional DCT-II of images (C,H,W), its frequencies and bands.
//
// Basis vector (c, ky, kx) has frequency f = sqrt(fx^2 + fy^2) with fx = kx S/(2W), fy = ky S/(2H),
// S = max(H, W): cycles per image on square images (f = sqrt(kx^2 + ky^2)/2), else cycles per pixel
// times S. Vectors are numbered as pixels are: C,H,W row-major. d = C H W.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "denoscope/base/image_shape.h"

namespace denoscope {

class DctBasis {
 public:
  explicit DctBasis(ImageShape shape);

  const ImageShape& Shape() const { return shape_; }
  // Channels are transformed into luma (1,1,1)/sqrt 3 and chroma (1,-1,0)/sqrt 2, (1,1,-2)/sqrt 6
  // first when C = 3; with any other C each channel stays itself.
  Eigen::MatrixXd Transform(const Eigen::MatrixXd& images) const;          // B^T X, (d,b) -> (d,b)
  Eigen::MatrixXd InverseTransform(const Eigen::MatrixXd& spectra) const;  // B S, (d,b) -> (d,b)
  const Eigen::VectorXd& Frequencies() const { return frequencies_; }      // (d)
  double MaxFrequency() const;

  // Energy-weighted mean frequency of each column of V (d,b): sum f |<b,v>|^2 / sum |<b,v>|^2.
  Eigen::VectorXd MeanFrequency(const Eigen::MatrixXd& V) const;

 private:
  ImageShape shape_;
  Eigen::MatrixXd rows_, cols_, channels_;  // 1-D transforms: (H,H), (W,W), (C,C)
  Eigen::VectorXd frequencies_;
};

// Bands of equal width in f, DC apart: band 0 is DC alone, bands 1 .. count divide (0, f_max].
// Colour images have two groups, luma and chroma; all others one.
struct DctBands {
  std::vector<int> band;   // (d): group * (count + 1) + band of each basis vector
  Eigen::VectorXd centre;  // (count + 1): mid frequency of each band, 0 for DC
  Eigen::VectorXd size;    // (groups * (count + 1)): basis vectors in each
  int groups = 1;
  int Bands() const { return static_cast<int>(centre.size()); }
};
DctBands MakeBands(const DctBasis& basis, int count = 16);

// Energy of each column of X (d,b) in each band: (groups * bands, b).
Eigen::MatrixXd BandEnergies(const DctBasis& basis,
                             const DctBands& bands,
                             const Eigen::MatrixXd& X);

// Mean over the basis vectors b of each band of b^T J b, J (d,d): (groups * bands), NaN where
// empty.
Eigen::VectorXd BandGain(const DctBasis& basis, const DctBands& bands, const Eigen::MatrixXd& J);

}  // namespace denoscope
