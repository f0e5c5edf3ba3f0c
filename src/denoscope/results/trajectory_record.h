// Paths of reverse diffusion from noise to images, as they were sampled.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/arrays/npy.h"

namespace denoscope {

// T states of B samples: x_t and the estimate D(x_t). A sample that has diverged is not a number
// from then on, and so is one that never came to the noise level of a state.
struct Path {
  Eigen::MatrixXd sigmas;    // (T,B), the level that the denoiser was told
  Array noisy, denoised;     // (T,B,C,H,W) float32
  Eigen::VectorXd diverged;  // (B), the step at which it did; -1: it did not
  Eigen::VectorXd finished;  // (B), the step of its last state; -1: it never came there

  Eigen::Index States() const { return sigmas.rows(); }
  Eigen::Index Samples() const { return sigmas.cols(); }
  bool Whole(Eigen::Index sample) const { return diverged[sample] < 0 && finished[sample] >= 0; }
  std::vector<Eigen::Index> WholeSamples() const;
};
Eigen::MatrixXd StateOf(const Array& states, Eigen::Index t);  // (T,B,C,H,W) -> (d,B)
Shape ImageShapeOf(const Path& path);                          // (C,H,W)

// D - x of a sample, (d), where it last moved by more than rounding (0.001 of |x|): near a fixed
// point of D at one noise level, power iteration turns it towards the dominant eigenvector of J.
Eigen::VectorXd LastStep(const Path& path, Eigen::Index sample);

// Where repeated denoising at one noise level has come to, and J there.
struct FixedPoints {
  // (B), the leading eigenvalue mu of sym(J) and |sym(J) v - mu v|; NaN: no such point.
  Eigen::VectorXd eigenvalue, residual;
  Eigen::MatrixXf eigenvector, step_image;  // (d,B), v; J s with s the last step
};

constexpr const char* kPathsPrefix = "paths_";  // of the names of units that hold them

struct Trajectories {
  std::int64_t first = 0;  // number of the first sample
  Path deep, linear;  // linear: Wiener's from the same starts with the same noise; may be empty
  FixedPoints fixed;  // may be empty
  bool HasLinear() const { return linear.States() > 0; }
};
Npz ToNpz(const Trajectories& trajectories);
Trajectories TrajectoriesFromNpz(const Npz& npz, const std::string& source);

// Parts of one run in order; all have the same states.
Trajectories Merged(const std::vector<Trajectories>& parts);

}  // namespace denoscope
