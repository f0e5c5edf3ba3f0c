#include "denoscope/theory/diffusion/collapse.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/theory/pca/eigenvalues.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kVanished = 1e-150;  // of an amplitude, beside mode 0

// log x_0 - log x_k, k = 1 .. K-1.
VectorXd LossOfLogs(const VectorXd& logs) {
  return (logs(0) - logs.tail(logs.size() - 1).array()).matrix();
}

VectorXd LogDeviations(const VectorXd& lambda, double sigma) {
  return 0.5 * (lambda.array() + sigma * sigma).log();
}

// Of column j of the ratios, against data with noise of that state's level.
VectorXd LossAt(const ProcessTrace& trace, const VectorXd& lambda, Index j) {
  const VectorXd logs = trace.mode_ratios.col(j).head(lambda.size()).array().max(kVanished).log();
  return LossOfLogs(logs) - LossOfLogs(LogDeviations(lambda, trace.sigmas(j)));
}

double MeanOrZero(const VectorXd& x) { return x.size() == 0 ? 0 : x.mean(); }

void Judge(Collapse& collapse) {
  collapse.mean_total = MeanOrZero(collapse.total);
  collapse.mean_start = MeanOrZero(collapse.start);
  collapse.mean_discretisation = MeanOrZero(collapse.discretisation);
  collapse.mean_shrinkage = MeanOrZero(collapse.shrinkage);
  collapse.mean_misalignment = MeanOrZero(collapse.misalignment);
  collapse.mean_network = MeanOrZero(collapse.network);
  const std::array<std::pair<CollapseCause, double>, 5> parts = {
      {{CollapseCause::kStart, collapse.mean_start},
       {CollapseCause::kDiscretisation, collapse.mean_discretisation},
       {CollapseCause::kShrinkage, collapse.mean_shrinkage},
       {CollapseCause::kMisalignment, collapse.mean_misalignment},
       {CollapseCause::kNetwork, collapse.mean_network}}};
  const auto largest = std::max_element(
      parts.begin(), parts.end(), [](auto a, auto b) { return a.second < b.second; });
  const bool collapsed = collapse.mean_total >= std::log(2.0);
  collapse.cause = collapsed ? largest->first : CollapseCause::kNone;
  collapse.status = fmt::format(
      "{}: modes 1 to {} hold {:.3g} of their share beside mode 0, expected above 0.5; logarithms "
      "of the loss: start {:.3g}, discretisation {:.3g}, shrinkage {:.3g}, misalignment {:.3g}, "
      "network {:.3g}",
      collapsed ? "collapse by " + NameOf(largest->first) : "no collapse",
      collapse.total.size(),
      std::exp(-collapse.mean_total),
      collapse.mean_start,
      collapse.mean_discretisation,
      collapse.mean_shrinkage,
      collapse.mean_misalignment,
      collapse.mean_network);
}

// The modes that count: reported, of positive eigenvalue.
VectorXd CountedModes(const VectorXd& lambda, const ProcessTrace& trace) {
  CheckDescending(lambda);
  if (trace.spectrum.rows() != lambda.size() || trace.mode_ratios.cols() < 2) {
    throw Error("collapse: trace '{}' has {} modes and {} states, expected {} and at least 2",
                trace.process,
                trace.spectrum.rows(),
                trace.mode_ratios.cols(),
                lambda.size());
  }
  const Index positive = (lambda.array() > 0).count();
  return lambda.head(std::min(positive, trace.mode_ratios.rows()));
}

// Total and start from the trace; false when they have no meaning, said in the status.
bool Measure(const VectorXd& lambda, const ProcessTrace& trace, Collapse& collapse) {
  collapse.process = trace.process;
  const Index last = trace.mode_ratios.cols() - 1;
  if (lambda.size() < 2) {
    collapse.status = "undefined: fewer than two modes of positive eigenvalue are reported";
    return false;
  }
  if (!trace.mode_ratios.col(last).head(lambda.size()).allFinite() ||
      !trace.mode_ratios.col(0).head(lambda.size()).allFinite()) {
    collapse.status = "undefined: mode 0 has vanished";
    return false;
  }
  collapse.total = LossAt(trace, lambda, last);
  collapse.start = LossAt(trace, lambda, 0);
  collapse.discretisation = collapse.shrinkage = collapse.misalignment = collapse.network =
      VectorXd::Zero(lambda.size() - 1);
  return true;
}

VectorXd FlowLoss(const VectorXd& lambda, const ProcessTrace& trace) {
  const double s = trace.sigmas(0), e = trace.sigmas(trace.sigmas.size() - 1);
  return LossOfLogs(LogDeviations(lambda, e) - LogDeviations(lambda, s));
}

// With true eigenvectors a projection has gain 1 and the regressions telescope: by the tower rule
// their product is lambda/(lambda + s^2) of the first level.
VectorXd NominalLoss(LearnedProcess process, const VectorXd& lambda, double s) {
  if (process != LearnedProcess::kSequential) return VectorXd::Zero(lambda.size() - 1);
  return LossOfLogs(lambda.array().log() - (lambda.array() + s * s).log());
}

}  // namespace

Collapse AttributeCollapse(const Recursion& recursion, const ProcessTrace& trace) {
  Collapse collapse;
  const VectorXd lambda = CountedModes(recursion.lambda, trace);
  if (!Measure(lambda, trace, collapse)) return collapse;
  const VectorXd floor = VectorXd::Constant(lambda.size(), std::log(kVanished));
  const VectorXd gains = LogGains(recursion).head(lambda.size());
  const VectorXd relative = (gains.array() - gains(0)).matrix().cwiseMax(floor);
  const VectorXd departure = LossOfLogs(relative) - FlowLoss(lambda, trace);
  const bool solver = recursion.process == DiagonalProcess::kDdim ||
                      recursion.process == DiagonalProcess::kExactFlow;
  (solver ? collapse.discretisation : collapse.shrinkage) = departure;
  // Every step is known: the parts make the total, also where the states have underflowed.
  collapse.total = collapse.start + departure;
  Judge(collapse);
  return collapse;
}

Collapse AttributeCollapse(LearnedProcess process,
                           const VectorXd& spectrum,
                           const ProcessTrace& trace) {
  Collapse collapse;
  const VectorXd lambda = CountedModes(spectrum, trace);
  if (!Measure(lambda, trace, collapse)) return collapse;
  collapse.shrinkage = NominalLoss(process, lambda, trace.sigmas(0)) - FlowLoss(lambda, trace);
  collapse.misalignment = collapse.total - collapse.start - collapse.shrinkage;
  Judge(collapse);
  return collapse;
}

Collapse MeasureCollapse(const VectorXd& spectrum, const ProcessTrace& trace) {
  Collapse collapse;
  if (!Measure(CountedModes(spectrum, trace), trace, collapse)) return collapse;
  collapse.discretisation = collapse.total - collapse.start;
  Judge(collapse);
  return collapse;
}

Collapse AttributeCollapse(const Collapse& wiener,
                           const VectorXd& spectrum,
                           const ProcessTrace& trace) {
  Collapse collapse;
  if (!Measure(CountedModes(spectrum, trace), trace, collapse)) return collapse;
  if (wiener.discretisation.size() != collapse.total.size()) {
    collapse.status = "undefined: Wiener's own is";
    return collapse;
  }
  collapse.discretisation = wiener.discretisation;
  collapse.shrinkage = wiener.shrinkage;
  collapse.network = collapse.total - collapse.start - collapse.discretisation - collapse.shrinkage;
  Judge(collapse);
  return collapse;
}

VectorXd AlignmentLoss(const ChainReport& chain, NoiseKind kind) {
  const Eigen::MatrixXd& overlaps = kind == NoiseKind::kFresh ? chain.alignment : chain.consecutive;
  if (overlaps.rows() < 2 || overlaps.cols() == 0) return VectorXd();
  return LossOfLogs(overlaps.array().max(kVanished).log().rowwise().sum());
}

}  // namespace denoscope
