#include "denoscope/theory/diffusion_trace.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

MatrixXd Ratios(const MatrixXd& spectrum, Index modes) {
  const Index k = std::min(modes, spectrum.rows());
  const MatrixXd leading = spectrum.topRows(k);
  return (leading.array().rowwise() / spectrum.row(0).array()).sqrt();
}

// Root mean square distance of two different columns: sqrt(2 tr C), C with divisor B - 1.
double Spread(const MatrixXd& states) {
  if (states.cols() < 2) return kNan;
  const double total = (states.colwise() - states.rowwise().mean()).squaredNorm();
  return std::sqrt(2 * total / static_cast<double>(states.cols() - 1));
}

double StandardError(double sum, double squares, Index count) {
  if (count < 2) return kNan;
  const double n = static_cast<double>(count);
  return std::sqrt(std::max(0.0, squares - sum * sum / n) / (n * (n - 1)));
}

}  // namespace

double ParticipationRatio(const MatrixXd& states) {
  if (states.cols() < 2) return kNan;
  const MatrixXd centred = states.colwise() - states.rowwise().mean();
  const double largest = centred.cwiseAbs().maxCoeff();
  if (!(largest > 0)) return kNan;
  const MatrixXd scaled = centred / largest;  // squares of squares would underflow
  const MatrixXd gram = scaled.transpose() * scaled;
  const double trace = gram.trace();
  return trace * trace / gram.squaredNorm();
}

double ExpectedParticipation(const VectorXd& lambda, Index starts) {
  if (starts < 2) throw Error("participation: {} starts, expected at least 2", starts);
  const double a = lambda.sum(), b = lambda.squaredNorm();
  const double v = static_cast<double>(starts - 1);
  return (a * a + 2 * b / v) / (b + (a * a + b) / v);
}

TraceRecorder::TraceRecorder(std::string process, const VectorXd& sigmas, Index modes)
    : modes_(modes) {
  trace_.process = std::move(process);
  trace_.trials = 1;
  trace_.sigmas = sigmas;
  for (VectorXd* values :
       {&trace_.cosine, &trace_.cosine_error, &trace_.diversity, &trace_.spread, &trace_.norm})
    *values = VectorXd::Constant(sigmas.size(), kNan);
}

void TraceRecorder::Record(const MatrixXd& states, int exponent) {
  const Index j = recorded_++;
  if (j == 0) {
    trace_.starts = states.cols();
    trace_.spectrum.resize(states.rows(), trace_.sigmas.size());
    trace_.mode_ratios.resize(std::min(modes_, states.rows()), trace_.sigmas.size());
  }
  const double starts = static_cast<double>(states.cols());
  const VectorXd lengths = states.colwise().norm().transpose();
  const VectorXd cosines = states.row(0).transpose().cwiseAbs().cwiseQuotient(lengths);
  trace_.cosine(j) = cosines.mean();
  trace_.cosine_error(j) = StandardError(cosines.sum(), cosines.squaredNorm(), states.cols());
  const VectorXd moments = states.rowwise().squaredNorm() / starts;
  const double scale = std::ldexp(1.0, exponent);
  trace_.mode_ratios.col(j) = Ratios(moments, modes_);
  trace_.spectrum.col(j) = moments * scale * scale;
  trace_.diversity(j) = ParticipationRatio(states);
  trace_.spread(j) = Spread(states) * scale;
  trace_.norm(j) = lengths.norm() / std::sqrt(starts) * scale;
}

ProcessTrace TraceRecorder::Finish(const MatrixXd& final_states, int exponent) {
  if (recorded_ != trace_.sigmas.size()) {
    throw Error("trace '{}': {} states recorded, expected {}",
                trace_.process,
                recorded_,
                trace_.sigmas.size());
  }
  trace_.final_states = final_states * std::ldexp(1.0, exponent);
  return std::move(trace_);
}

void TraceAverage::Add(const ProcessTrace& trace) {
  if (sum_.trials == 0) {
    sum_ = trace;
    cosine_squares_ = trace.cosine.cwiseAbs2();
    sum_.spread = trace.spread.cwiseAbs2();
    sum_.norm = trace.norm.cwiseAbs2();
    return;
  }
  sum_.trials += trace.trials;
  cosine_squares_ += trace.cosine.cwiseAbs2();
  sum_.cosine += trace.cosine;
  sum_.spectrum += trace.spectrum;
  sum_.diversity += trace.diversity;
  sum_.spread += trace.spread.cwiseAbs2();
  sum_.norm += trace.norm.cwiseAbs2();
}

ProcessTrace TraceAverage::Mean() const {
  if (sum_.trials < 2) {
    ProcessTrace single = sum_;
    single.spread = single.spread.cwiseSqrt();
    single.norm = single.norm.cwiseSqrt();
    return single;
  }
  const double trials = static_cast<double>(sum_.trials);
  ProcessTrace mean = sum_;
  for (Index j = 0; j < mean.cosine.size(); ++j)
    mean.cosine_error(j) = StandardError(sum_.cosine(j), cosine_squares_(j), sum_.trials);
  mean.cosine /= trials;
  mean.spectrum /= trials;
  mean.mode_ratios = Ratios(mean.spectrum, mean.mode_ratios.rows());
  mean.diversity /= trials;
  mean.spread = (mean.spread / trials).cwiseSqrt();
  mean.norm = (mean.norm / trials).cwiseSqrt();
  return mean;
}

}  // namespace denoscope
