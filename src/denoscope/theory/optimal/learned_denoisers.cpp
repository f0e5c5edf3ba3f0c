#include "denoscope/theory/optimal/learned_denoisers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Eigenpairs of A A^T for centred A (rows, n) that are above rounding: at most n - 1.
struct Factor {
  ArrayXd values;    // descending, (p), p <= min(rows, n - 1)
  MatrixXd vectors;  // (rows,p)
};

SymmetricEigen<double> EigenOfProduct(const Eigen::Ref<const MatrixXd>& A) {
  MatrixXd lower = MatrixXd::Zero(A.rows(), A.rows());
  lower.selfadjointView<Eigen::Lower>().rankUpdate(A);
  return EigenSymmetric<double>(std::move(lower));
}

Index Rank(const VectorXd& values, Index most) {
  const double floor =
      static_cast<double>(values.size()) * std::numeric_limits<double>::epsilon() * values(0);
  const auto above = (values.array() > floor).count();
  return std::min<Index>(above, most);
}

Factor FactorOf(const MatrixXd& A) {
  const bool dual = A.rows() > A.cols();
  const SymmetricEigen<double> eigen = EigenOfProduct(dual ? MatrixXd(A.transpose()) : A);
  const Index rank = Rank(eigen.values, std::min(A.rows(), A.cols() - 1));
  Factor factor = {eigen.values.head(rank), eigen.vectors.leftCols(rank)};
  if (dual) {
    factor.vectors = A * factor.vectors;
    factor.vectors.array().rowwise() /= factor.values.sqrt().transpose();
  }
  return factor;
}

void TakeMean(MatrixXd& samples, VectorXd& mean) {
  mean = samples.rowwise().mean();
  samples.colwise() -= mean;
}

void Resize(LearningTrial& result, Index modes, Index sigmas) {
  result.gains.resize(modes, sigmas);
  result.mse.resize(sigmas);
  result.belief.resize(sigmas);
}

// J = V diag(g) V^T in the span V of the samples' r coordinates; the other coordinates are constant
// and J is 0 there. Everything is a sum over V_ki^2, or over V^T mean.
LearningTrial PlugIn(const Population& population,
                     const LearningOptions& options,
                     std::int64_t trial) {
  MatrixXd X = DrawClean(population, trial);
  VectorXd mean;
  TakeMean(X, mean);
  const Factor factor = FactorOf(X);
  const ArrayXd values = factor.values / static_cast<double>(population.n - 1);
  const MatrixXd squares = factor.vectors.cwiseAbs2();
  const ArrayXd spread = squares.transpose() * population.lambda;
  const ArrayXd mean_parts = (factor.vectors.transpose() * mean).array().square();
  LearningTrial result;
  Resize(result, X.rows(), options.sigmas.size());
  for (Index i = 0; i < options.sigmas.size(); ++i) {
    const double variance = options.sigmas(i) * options.sigmas(i);
    const ArrayXd gains = values / (values + variance);
    // |(I - J) v|^2 = |v|^2 - sum (2 g - g^2) (V^T v)^2, of the modes and of the mean alike
    const ArrayXd removed = gains * (2 - gains);
    result.gains.col(i) = squares * gains.matrix();
    result.mse(i) = population.lambda.sum() + mean.squaredNorm() -
                    (removed * (spread + mean_parts)).sum() + variance * gains.square().sum();
    result.belief(i) = variance * gains.sum();
  }
  return result;
}

// X Y^T (Y Y^T)^+, (r,d): its rows beyond r are 0, for x is 0 there.
MatrixXd RegressionMatrix(const MatrixXd& X, const MatrixXd& Y) {
  const Factor factor = FactorOf(Y);
  const MatrixXd inner =
      (X * (Y.transpose() * factor.vectors)).array().rowwise() / factor.values.transpose();
  return inner * factor.vectors.transpose();
}

LearningTrial Regression(const Population& population,
                         const LearningOptions& options,
                         std::int64_t trial) {
  MatrixXd X = DrawClean(population, trial), Z = DrawNoise(population, trial);
  const Index r = X.rows();
  VectorXd clean_mean, noise_mean;
  TakeMean(X, clean_mean);
  TakeMean(Z, noise_mean);
  LearningTrial result;
  Resize(result, r, options.sigmas.size());
  for (Index i = 0; i < options.sigmas.size(); ++i) {
    const double sigma = options.sigmas(i), variance = sigma * sigma;
    MatrixXd Y = sigma * Z;
    Y.topRows(r) += X;
    VectorXd noisy_mean = sigma * noise_mean;
    noisy_mean.head(r) += clean_mean;
    const MatrixXd J = RegressionMatrix(X, Y);
    const MatrixXd missed = MatrixXd::Identity(r, r) - J.leftCols(r);
    result.gains.col(i) = J.diagonal();
    result.mse(i) = missed.colwise().squaredNorm() * population.lambda;
    result.mse(i) += variance * J.squaredNorm() + (clean_mean - J * noisy_mean).squaredNorm();
    result.belief(i) = variance * J.diagonal().sum();
  }
  return result;
}

}  // namespace

void LearningOptions::Check(const Population& population) const {
  population.Check();
  if (sigmas.size() < 1) throw Error("learned denoisers: no sigmas, expected at least 1");
  for (Index i = 0; i < sigmas.size(); ++i) {
    if (!(std::isfinite(sigmas(i)) && sigmas(i) > 0)) {
      throw Error(
          "learned denoisers: sigma {} is {}, expected a finite number above 0", i, sigmas(i));
    }
  }
  if (trials < 1) throw Error("learned denoisers: {} trials, expected at least 1", trials);
}

LearningTrial RunLearningTrial(const Population& population,
                               const LearningOptions& options,
                               std::int64_t trial) {
  options.Check(population);
  return options.method == Learning::kPlugIn ? PlugIn(population, options, trial)
                                             : Regression(population, options, trial);
}

LearnedDenoisers SimulateLearning(const Population& population,
                                  const LearningOptions& options,
                                  const ProgressSink& progress) {
  options.Check(population);
  LearnedDenoisers result;
  result.d = population.d;
  result.n = population.n;
  result.options = options;
  TrialSums gains, mse, belief;
  RunTrials("learned denoisers", options.trials, progress, [&](std::int64_t trial) {
    const LearningTrial one = RunLearningTrial(population, options, trial);
    gains.Add(one.gains);
    mse.Add(one.mse);
    belief.Add(one.belief);
  });
  result.gains = gains.Result();
  result.mse = mse.Result();
  result.belief = belief.Result();
  result.mmse.resize(options.sigmas.size());
  for (Index i = 0; i < options.sigmas.size(); ++i) {
    const double sigma = options.sigmas(i);
    result.mmse(i) = sigma * sigma * WienerGains(population.lambda, sigma).sum();
  }
  return result;
}

}  // namespace denoscope
