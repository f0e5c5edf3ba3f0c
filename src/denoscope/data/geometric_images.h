// Gray images of simple geometry, each a point of a known low-dimensional or smooth family. Values
// are gray levels near [0,1], not clipped. An image comes from a stream of its own: any range alone
// is the same numbers as within a larger one. d = size^2, row-major.
// Source: Kadkhodaie, Guth, Simoncelli, Mallat 2024, "Generalization in diffusion models arises
// from geometry-adaptive harmonic representations": both families, with constants of our own.
#pragma once

#include <Eigen/Dense>
#include <cstdint>

#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

// One disc on an even ground, five parameters: gray of ground and disc uniform in [0,1], centre
// uniform in the image, radius uniform from size/8 to 3 size/8. Edges are softened over one pixel.
Eigen::MatrixXf DiscImages(Eigen::Index size,
                           std::uint64_t seed,
                           std::int64_t begin,
                           std::int64_t end);  // (d, end - begin)

// Two smooth regions on either side of a smooth contour, all of regularity alpha.
//   region:   mean uniform in [0.2,0.8], and Gaussian DCT coefficients of deviation ~ f^-(alpha+1)
//   contour:  v = h(u) in axes of random direction, h with Gaussian cosine coefficients of
//             deviation ~ k^-(alpha+1/2)
// Either is in every Hoelder space below C^alpha; f and k end where the pixels do.
class ContourImages {
 public:
  ContourImages(Eigen::Index size, double alpha);  // size >= 8 pixels, alpha > 0

  Eigen::MatrixXf Samples(std::uint64_t seed, std::int64_t begin, std::int64_t end) const;
  // Deviations of a region's DCT coefficients (d), 0 at the mean.
  const Eigen::VectorXd& RegionDeviations() const { return region_; }

 private:
  DctBasis dct_;
  Eigen::VectorXd region_, contour_;  // deviations; of the contour in pixels, from k = 1

  Eigen::VectorXd Image(std::uint64_t seed, std::int64_t index) const;
};

}  // namespace denoscope
