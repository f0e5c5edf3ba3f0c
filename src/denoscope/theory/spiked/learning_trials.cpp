#include "denoscope/theory/spiked/learning_trials.h"

#include <cmath>
#include <limits>
#include <string_view>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd Normals(Index rows, Index cols, RandomStream random) {
  MatrixXd X(rows, cols);
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = random.Normal();
  return X;
}

}  // namespace

void Population::Check() const {
  if (d < 2) throw Error("population: d is {}, expected at least 2", d);
  if (n < 2) throw Error("population: n is {}, expected at least 2 samples", n);
  if (lambda.size() < 1 || lambda.size() > d) {
    throw Error("population: {} eigenvalues, expected 1 to d = {}", lambda.size(), d);
  }
  double previous = std::numeric_limits<double>::infinity();
  for (Index k = 0; k < lambda.size(); ++k) {
    if (!(std::isfinite(lambda(k)) && lambda(k) >= 0 && lambda(k) <= previous)) {
      throw Error("population: eigenvalue {} is {}, expected descending numbers of at least 0",
                  k,
                  lambda(k));
    }
    previous = lambda(k);
  }
}

VectorXd Population::FullSpectrum() const {
  VectorXd full = VectorXd::Zero(d);
  full.head(lambda.size()) = lambda;
  return full;
}

MatrixXd DrawClean(const Population& population, std::int64_t trial) {
  const auto index = static_cast<std::uint64_t>(trial);
  MatrixXd X = Normals(population.lambda.size(),
                       static_cast<Index>(population.n),
                       RandomStream(population.seed, "learning clean", index));
  X.array().colwise() *= population.lambda.array().sqrt();
  return X;
}

MatrixXd DrawNoise(const Population& population, std::int64_t trial) {
  const auto index = static_cast<std::uint64_t>(trial);
  return Normals(population.d,
                 static_cast<Index>(population.n),
                 RandomStream(population.seed, "learning noise", index));
}

void Centre(MatrixXd& samples) {
  const VectorXd mean = samples.rowwise().mean();
  samples.colwise() -= mean;
}

void TrialSums::Add(const MatrixXd& values) {
  if (trials_ == 0) {
    mean_ = MatrixXd::Zero(values.rows(), values.cols());
    squares_ = mean_;
  }
  if (values.rows() != mean_.rows() || values.cols() != mean_.cols()) {
    throw Error("trial sums: values have shape ({},{}), expected ({},{})",
                values.rows(),
                values.cols(),
                mean_.rows(),
                mean_.cols());
  }
  ++trials_;
  const MatrixXd change = values - mean_;
  mean_ += change / static_cast<double>(trials_);
  squares_ += change.cwiseProduct(values - mean_);
}

TrialMean TrialSums::Result() const {
  if (trials_ == 0) throw Error("trial sums: no trials, expected at least 1");
  TrialMean result = {mean_, mean_, trials_};
  const double trials = static_cast<double>(trials_);
  if (trials_ < 2) {
    result.error.setConstant(std::numeric_limits<double>::quiet_NaN());
  } else {
    result.error = (squares_ / (trials * (trials - 1))).cwiseSqrt();
  }
  return result;
}

void RunTrials(const std::string& task,
               std::int64_t trials,
               const ProgressSink& progress,
               const std::function<void(std::int64_t)>& run) {
  if (trials < 1) throw Error("{}: {} trials, expected at least 1", task, trials);
  for (std::int64_t trial = 0; trial < trials; ++trial) {
    if (CancelRequested()) {
      throw Interrupted("{}: interrupted after {} of {} trials", task, trial, trials);
    }
    run(trial);
    if (progress) progress({task, trial + 1, trials, 0, "trials", ""});
  }
}

}  // namespace denoscope
