#include "denoscope/theory/spiked/spike_sweep.h"

#include <cmath>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMostSteps = 200;  // bisection of the gap alone would take about 60

struct Arrowhead {
  double corner = 0;  // s
  ArrayXd squares;    // beta_j^2
  ArrayXd values;     // c_j, descending
};

struct LeadingPair {
  double eigenvalue = 0, cos2 = 0;
};

// Newton's method for the convex, falling f(g) = s - L + sum beta_j^2 / (L - c_j), L = c_0 + g,
// kept within a bracket of g > 0: the gap itself, so that L - c_0 does not cancel near the
// threshold.
LeadingPair LeadingPairOf(const Arrowhead& A) {
  const ArrayXd below = A.values(0) - A.values;
  double low = 0, high = std::abs(A.corner - A.values(0)) + std::sqrt(A.squares.sum());
  double gap = high, slope = 0;
  for (int i = 0; i < kMostSteps; ++i) {
    const ArrayXd ratio = A.squares / (gap + below);
    slope = (ratio / (gap + below)).sum();
    const double excess = A.corner - A.values(0) - gap + ratio.sum();
    (excess > 0 ? low : high) = gap;
    double next = gap + excess / (1 + slope);
    if (!(next > low && next < high)) next = low + 0.5 * (high - low);
    if (next == gap || next <= low || next >= high) break;
    gap = next;
  }
  return {A.values(0) + gap, 1 / (1 + slope)};
}

// The first row of Y is sqrt(t) latent + noise; both are known by their products with the vectors
// of the rest: Q^T Z v / N for the covariance, sqrt(c_j / N) w_j^T v for the Gram matrix.
struct Trial {
  VectorXd latent, noise;             // a, z_0, (n)
  ArrayXd latent_arrow, noise_arrow;  // their shares of beta
  ArrayXd values;                     // c
  double samples = 0;                 // N

  Arrowhead At(double strength) const {
    const double root = std::sqrt(strength);
    return {(root * latent + noise).squaredNorm() / samples,
            (root * latent_arrow + noise_arrow).square(),
            values};
  }
};

SymmetricEigen<double> EigenOfGram(const Eigen::Ref<const MatrixXd>& factor, double samples) {
  MatrixXd lower = MatrixXd::Zero(factor.rows(), factor.rows());
  lower.selfadjointView<Eigen::Lower>().rankUpdate(factor, 1 / samples);
  return EigenSymmetric<double>(std::move(lower));
}

Trial Prepare(const SpikeSweepOptions& options, std::int64_t index) {
  const Population unit = {options.d, VectorXd::Ones(1), options.n, options.seed};
  MatrixXd clean = DrawClean(unit, index), noise = DrawNoise(unit, index);
  Centre(clean);
  Centre(noise);
  Trial trial;
  trial.samples = static_cast<double>(options.n - 1);
  trial.latent = clean.row(0);
  trial.noise = noise.row(0);
  const MatrixXd rest = noise.bottomRows(options.d - 1);
  MatrixXd rows(options.n, 2);
  rows << trial.latent, trial.noise;
  MatrixXd arrows;
  if (rest.rows() <= rest.cols()) {
    const SymmetricEigen<double> eigen = EigenOfGram(rest, trial.samples);
    trial.values = eigen.values;
    arrows = eigen.vectors.transpose() * (rest * rows) / trial.samples;
  } else {
    const SymmetricEigen<double> eigen = EigenOfGram(rest.transpose(), trial.samples);
    trial.values = eigen.values.cwiseMax(0.0);  // rounding alone makes them negative
    const VectorXd roots = (trial.values / trial.samples).sqrt();
    arrows = roots.asDiagonal() * (eigen.vectors.transpose() * rows);
  }
  trial.latent_arrow = arrows.col(0);
  trial.noise_arrow = arrows.col(1);
  return trial;
}

}  // namespace

void SpikeSweepOptions::Check() const {
  if (strengths.size() < 1) throw Error("spike sweep: no strengths, expected at least 1");
  for (Index i = 0; i < strengths.size(); ++i) {
    if (!(std::isfinite(strengths(i)) && strengths(i) > 0)) {
      throw Error(
          "spike sweep: strength {} is {}, expected a finite number above 0", i, strengths(i));
    }
  }
  Population{d, VectorXd::Ones(1), n, seed}.Check();
  if (trials < 1) throw Error("spike sweep: {} trials, expected at least 1", trials);
}

SpikeSweepTrial RunSpikeSweepTrial(const SpikeSweepOptions& options, std::int64_t trial) {
  options.Check();
  const Trial prepared = Prepare(options, trial);
  SpikeSweepTrial result = {VectorXd(options.strengths.size()), VectorXd(options.strengths.size())};
  for (Index i = 0; i < options.strengths.size(); ++i) {
    const LeadingPair pair = LeadingPairOf(prepared.At(options.strengths(i)));
    result.eigenvalues(i) = pair.eigenvalue;
    result.cos2(i) = pair.cos2;
  }
  return result;
}

SpikeSweep SimulateSpikeSweep(const SpikeSweepOptions& options, const ProgressSink& progress) {
  options.Check();
  TrialSums eigenvalues, cos2, sin_theta;
  RunTrials("spike sweep", options.trials, progress, [&](std::int64_t trial) {
    const SpikeSweepTrial one = RunSpikeSweepTrial(options, trial);
    eigenvalues.Add(one.eigenvalues);
    cos2.Add(one.cos2);
    sin_theta.Add((1 - one.cos2.array()).max(0.0).sqrt().matrix());
  });
  return {options, eigenvalues.Result(), cos2.Result(), sin_theta.Result()};
}

}  // namespace denoscope
