// From a Jacobian to its Spectrum record.
//
// A trained network's J is not symmetric. Therefore: eigenvalues and vectors of
// sym(J) = (J + J^T)/2; singular triplets of J with the angle between left and right vectors;
// complex eigenvalues on request; and scalars that say how far J is from what an optimum may have
// (records.h). The identities of mse, SURE, calibration and homogeneity test J and D against each
// other and the clean image. SURE: Stein 1981. Calibration: Tweedie's formula,
// E|x - D|^2 = sigma^2 E tr J for the optimum.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "denoscope/measure/measure_options.h"
#include "denoscope/results/records.h"
#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

struct SpectrumContext {
  const DctBasis& dct;
  const DctBands& bands;
  const Eigen::MatrixXf& basis;     // u_k, (d,m); may be empty
  double sigma = 0;                 // of J
  std::vector<double> sigmas = {};  // of foretold_gain; empty: without it
  Eigen::MatrixXf probes = {};      // G (d,s), standard normals; empty: without sketches
};

constexpr Eigen::Index kMatrixModes = 100;  // most of pca_matrix

// Bytes that J of d rows and its whole spectrum take at the peak, some 16 matrices of d x d: copies
// of J, xGESDD's vectors and its workspace of 4 d^2. Measured: 10.0 GB at d = 12544.
constexpr std::int64_t SpectrumBytes(std::int64_t d) { return 16 * 4 * d * d; }

Spectrum AnalyzeJacobian(const Eigen::MatrixXf& J,
                         const SpectrumContext& context,
                         const SpectrumOptions& options);

// Fills mse, sure, calibration, homogeneity_defect, blind_share and homogeneous_share. x, y,
// denoised (d).
void AddIdentities(const Eigen::VectorXd& x,
                   const Eigen::VectorXd& y,
                   const Eigen::VectorXd& denoised,
                   const Eigen::MatrixXf& J,
                   double sigma,
                   Spectrum& spectrum);

}  // namespace denoscope
