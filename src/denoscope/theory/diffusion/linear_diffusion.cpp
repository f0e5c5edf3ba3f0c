#include "denoscope/theory/diffusion/linear_diffusion.h"

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/theory/diffusion/schedule.h"
#include "denoscope/theory/pca/eigenvalues.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

bool EndsAtSmallestLevel(DiagonalProcess process) {
  return process == DiagonalProcess::kDdim || process == DiagonalProcess::kExactFlow;
}

VectorXd StepFactors(DiagonalProcess process, const VectorXd& lambda, double s, double next) {
  const Eigen::ArrayXd noisy = lambda.array() + s * s;
  switch (process) {
    case DiagonalProcess::kRepeatedWiener:
      return lambda.array() / noisy;
    case DiagonalProcess::kDdim:
      return 1 + (next - s) * s / noisy;
    case DiagonalProcess::kExactFlow:
      return ((lambda.array() + next * next) / noisy).sqrt();
    default:
      return lambda;
  }
}

// Divides by the power of two next to the largest entry; returns its exponent.
int Rescale(MatrixXd& states) {
  const double largest = states.cwiseAbs().maxCoeff();
  if (!(largest > 0)) return 0;
  const int exponent = std::ilogb(largest);
  states *= std::ldexp(1.0, -exponent);
  return exponent;
}

void Normalise(MatrixXd& states) {
  Rescale(states);
  const double length = states.norm() / std::sqrt(static_cast<double>(states.cols()));
  if (length > 0) states /= length;
}

}  // namespace

void StartOptions::Check() const {
  if (!(std::isfinite(sigma) && sigma >= 0))
    throw Error("starts: sigma is {}, expected a finite number, at least 0", sigma);
  if (count < 1) throw Error("starts: count is {}, expected at least 1", count);
  if (!mean.allFinite()) throw Error("starts: the mean holds a value that is not finite");
}

MatrixXd DrawStarts(const VectorXd& lambda, const StartOptions& options) {
  CheckDescending(lambda);
  options.Check();
  if (options.mean.size() != 0 && options.mean.size() != lambda.size()) {
    throw Error("starts: mean has {} coordinates, expected {}, as many as eigenvalues",
                options.mean.size(),
                lambda.size());
  }
  RandomStream random(options.seed, "diffusion starts");
  MatrixXd starts(lambda.size(), options.count);
  for (Index i = 0; i < starts.size(); ++i) starts.data()[i] = random.Normal();
  if (options.kind == StartKind::kMatched) {
    const VectorXd deviations = (lambda.array() + options.sigma * options.sigma).sqrt();
    return deviations.asDiagonal() * starts;
  }
  starts *= options.sigma;
  if (options.mean.size() != 0) starts.colwise() -= options.mean;
  return starts;
}

Recursion MakeRecursion(DiagonalProcess process,
                        const VectorXd& lambda,
                        const VectorXd& levels,
                        Index rank) {
  CheckDescending(lambda);
  CheckNoiseLevels(levels);
  const bool projects = process == DiagonalProcess::kTrueProjection;
  if (projects && (rank < 1 || rank > lambda.size()))
    throw Error("projection: rank is {}, expected 1 to {}", rank, lambda.size());
  Recursion recursion;
  recursion.process = process;
  recursion.lambda = lambda;
  recursion.sigmas = levels;
  if (!EndsAtSmallestLevel(process)) {
    recursion.sigmas.conservativeResize(levels.size() + 1);
    recursion.sigmas(levels.size()) = 0;
  }
  const Index steps = recursion.sigmas.size() - 1;
  recursion.factors = MatrixXd::Zero(lambda.size(), steps);
  if (projects) {
    recursion.factors.topRows(rank).setOnes();
    return recursion;
  }
  for (Index i = 0; i < steps; ++i) {
    recursion.factors.col(i) =
        StepFactors(process, lambda, recursion.sigmas(i), recursion.sigmas(i + 1));
  }
  return recursion;
}

ProcessTrace RunRecursion(const Recursion& recursion, const MatrixXd& starts, Index modes) {
  if (starts.rows() != recursion.lambda.size() || starts.cols() == 0) {
    throw Error("diffusion '{}': starts have shape ({},{}), expected ({},b), b at least 1",
                NameOf(recursion.process),
                starts.rows(),
                starts.cols(),
                recursion.lambda.size());
  }
  TraceRecorder recorder(NameOf(recursion.process), recursion.sigmas, modes);
  const bool normalises = recursion.process == DiagonalProcess::kPowerIteration;
  MatrixXd states = starts;
  int exponent = 0;
  if (normalises) Normalise(states);
  recorder.Record(states);
  for (Index i = 0; i < recursion.factors.cols(); ++i) {
    if (CancelRequested())
      throw Interrupted("diffusion '{}': stopped at step {}", NameOf(recursion.process), i);
    states = recursion.factors.col(i).asDiagonal() * states;
    if (normalises) {
      Normalise(states);
    } else {
      exponent += Rescale(states);
    }
    recorder.Record(states, exponent);
  }
  return recorder.Finish(states, exponent);
}

VectorXd LogGains(const Recursion& recursion) {
  return recursion.factors.array().abs().log().rowwise().sum();
}

}  // namespace denoscope
