// Has a reverse process collapsed onto mode 0, and why? One rule, in numbers that add up.
//
// Symbols: S_k = E c_k^2 of the starts, M_k of the output, s the first level, e the last (0 for a
// clean estimate), k = 1 .. K-1 a reported mode. All numbers are natural logarithms of how much
// smaller the amplitude of mode k has become beside mode 0 than data have it:
//   total           1/2 log [M_0/(lambda_0 + e^2)] - 1/2 log [M_k/(lambda_k + e^2)]
//   start           the same of the starts: S in place of M, s in place of e
//   departure       log(G_0/G_k) - log(F_0/F_k), G the gains the process has on paper, with true
//                   eigenvectors, F = sqrt((lambda + e^2)/(lambda + s^2)) those of the exact flow:
//                   "discretisation" for DDIM, "shrinkage" for denoisers applied again and again
//   misalignment    what is left: the work of learned bases, and of noise injected between them
//   network         what is left where a trained denoiser takes the place of Wiener's
// total = start + departure + what is left. Negative parts oppose a collapse: a projection does not
// shrink mode k beside mode 0 as the flow does.
//
// Rule: with the means over k, there is a collapse when the mean total is at least log 2, modes
// 1 .. K-1 having lost half their amplitude beside mode 0; its cause is the largest mean part, the
// first named above among equals. Modes of eigenvalue 0 are left out. Undefined, in words, when
// fewer than two modes are left or mode 0 has vanished; a mode k that has vanished counts as 1e-150
// of mode 0. B starts know each total to about sqrt(1/B).
#pragma once

#include <Eigen/Dense>
#include <string>

#include "denoscope/base/enum_names.h"
#include "denoscope/theory/diffusion/diffusion_trace.h"
#include "denoscope/theory/diffusion/learned_diffusion.h"
#include "denoscope/theory/diffusion/linear_diffusion.h"

namespace denoscope {

enum class CollapseCause {
  kNone,  // no collapse
  kStart,
  kDiscretisation,
  kShrinkage,
  kMisalignment,
  kNetwork,
  kUndefined,
};
template <>
struct EnumNames<CollapseCause> {
  static constexpr const char* kWhat = "collapse cause";
  static constexpr EnumName<CollapseCause> kNames[] = {
      {CollapseCause::kNone, "none"},
      {CollapseCause::kStart, "start"},
      {CollapseCause::kDiscretisation, "discretisation"},
      {CollapseCause::kShrinkage, "shrinkage"},
      {CollapseCause::kMisalignment, "misalignment"},
      {CollapseCause::kNetwork, "network"},
      {CollapseCause::kUndefined, "undefined"}};
};

struct Collapse {
  std::string process;
  // (K-1), entry k-1
  Eigen::VectorXd total, start, discretisation, shrinkage, misalignment, network;
  double mean_total = 0, mean_start = 0, mean_discretisation = 0, mean_shrinkage = 0,
         mean_misalignment = 0, mean_network = 0;
  CollapseCause cause = CollapseCause::kUndefined;
  std::string status = "not computed";  // the verdict in words, with the numbers that decided
};

Collapse AttributeCollapse(const Recursion& recursion, const ProcessTrace& trace);
Collapse AttributeCollapse(LearnedProcess process,
                           const Eigen::VectorXd& lambda,
                           const ProcessTrace& trace);

// Of Wiener's denoiser in a sampler whose gains are not known on paper: all that is not the start's
// is the discretisation's.
Collapse MeasureCollapse(const Eigen::VectorXd& lambda, const ProcessTrace& trace);

// Of a trained denoiser in the same sampler from the same starts: its departure is `wiener`'s.
Collapse AttributeCollapse(const Collapse& wiener,
                           const Eigen::VectorXd& lambda,
                           const ProcessTrace& trace);

// The misalignment that the products of alignments predict for modes 1 .. r-1 of a chain over all
// its levels: sum_t log c_0(t) - log c_k(t), with c(t) = E <u_t,k, u_k>^2 (fresh: the gain of each
// projection along its own mode) or the consecutive overlaps E |<u_t,k, u_{t+1},k>| (accumulated).
Eigen::VectorXd AlignmentLoss(const ChainReport& chain, NoiseKind kind);

}  // namespace denoscope
