// What emerges along paths of reverse diffusion, measured on the estimates themselves: how much of
// the final image is already there, by direction.
//
// A sample goes through states x_t and estimates D_t to its final image x_f, all about the mean m.
// Of a mode u_k the coordinate is u_k^T (D_t - m), of a band of the DCT all its coordinates.
//   energy       sum |P D_t|^2 / sum |P x_f|^2 over samples, P the projection on the direction: how
//                strong it is. Of the exact linear flow that ends at s_0, (lambda + s_0^2)/
//                (lambda + s^2): half at sqrt(lambda + 2 s_0^2).
//   correlation  <P D_t, P x_f> summed, over the root of both energies: whether it is the right
//                one. Along a linear deterministic path modes are only scaled, and it is 1.
// Nothing of either needs a Jacobian or a clean image.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "denoscope/results/trajectory_record.h"

namespace denoscope {

// Rows are states as kept, noisiest first; columns directions.
struct PathCurves {
  Eigen::MatrixXd energy, correlation;  // (T,m)
  Eigen::MatrixXd state_correlation;    // of x_t in place of D_t
  Eigen::MatrixXd chance;               // of D_t with the final image of another sample
};

class DirectionSums {
 public:
  // Products of coordinates (c,B) are summed within directions: group (c) names the direction of
  // each, 0 .. m-1, of m `directions`. A mode has one coordinate, a band of the DCT many. Samples
  // that are not whole are left out.
  DirectionSums(const Path& path,
                const Eigen::VectorXd& mean,
                const Eigen::MatrixXd& basis,  // (d,c), coordinates are basis^T (x - m)
                const std::vector<int>& group,
                Eigen::Index directions);

  Eigen::Index Samples() const { return final_.cols(); }
  // Each sample counted as often as weights (B) say.
  PathCurves Curves(const Eigen::VectorXd& weights) const;
  PathCurves Curves() const { return Curves(Eigen::VectorXd::Ones(Samples())); }

 private:
  // By state, (m,B): sums over the coordinates of a direction.
  struct State {
    Eigen::MatrixXd energy, inner, state_energy, state_inner, other;
  };
  std::vector<State> states_;
  Eigen::MatrixXd final_;        // (m,B), |P x_f|^2
  Eigen::MatrixXd other_final_;  // of the next sample
};

}  // namespace denoscope
