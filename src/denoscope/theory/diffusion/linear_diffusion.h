// Linear reverse processes whose every step is diagonal in the eigenbasis of the data covariance
// Sigma = sum_k lambda_k u_k u_k^T. Only the spectrum is needed: step i multiplies mode k of every
// state by one factor. With s the level the step starts from, s' the level it ends at:
//
//   repeated Wiener   lambda/(lambda + s^2), at s_0 .. s_{N-1}        N steps, clean at the end
//   true projection   1 for k < r, else 0                             N steps, idempotent
//   ddim              1 + (s' - s) s/(lambda + s^2), Euler on dx/ds   N - 1 steps, ends at s_{N-1}
//   exact flow        sqrt((lambda + s'^2)/(lambda + s^2))            N - 1 steps
//   power iteration   lambda, all states scaled to mean square 1      N steps
//
// The flow is the probability flow dx/ds = (x - D(x; s))/s of the Wiener denoiser D, solved: it
// carries N(0, Sigma + s_0^2 I) into N(0, Sigma + s_{N-1}^2 I) and cannot collapse. Repeated Wiener
// denoising is power iteration wherever s^2 >> lambda_0: its factor is (lambda/s^2)(1 - lambda/s^2
// + ..), so mode ratios agree to about sum_i lambda_0/s_i^2.
//
// Powers of lambda/s^2 leave the range of a double after a hundred steps: blocks are rescaled by
// powers of two, all starts together, and the exponent kept beside. Cost O(d B) a step and the
// O(d B^2) of its record. Source: Song et al. 2021 (flow), Song, Meng & Ermon 2021 (DDIM), Karras
// et al. 2022; repeated denoising as power iteration: Weitzner et al. 2024, arXiv 2410.14730.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>

#include "denoscope/base/enum_names.h"
#include "denoscope/theory/diffusion/diffusion_trace.h"

namespace denoscope {

enum class StartKind {
  kMatched,  // N(m, Sigma + s^2 I), what noisy data are
  kNoise,    // N(0, s^2 I) in pixels: centred on black, not on the mean image
};
template <>
struct EnumNames<StartKind> {
  static constexpr const char* kWhat = "start";
  static constexpr EnumName<StartKind> kNames[] = {{StartKind::kMatched, "matched"},
                                                   {StartKind::kNoise, "noise"}};
};

struct StartOptions {
  StartKind kind = StartKind::kMatched;
  double sigma = 80;        // s_0, >= 0
  Eigen::Index count = 64;  // B, >= 1
  std::uint64_t seed = 0;
  Eigen::VectorXd mean;  // (d), u_k^T m, for kNoise; empty: 0

  void Check() const;
};

// (d,B), states y - m.
Eigen::MatrixXd DrawStarts(const Eigen::VectorXd& lambda, const StartOptions& options);

enum class DiagonalProcess {
  kRepeatedWiener,
  kTrueProjection,
  kDdim,
  kExactFlow,
  kPowerIteration,
};
template <>
struct EnumNames<DiagonalProcess> {
  static constexpr const char* kWhat = "diagonal process";
  static constexpr EnumName<DiagonalProcess> kNames[] = {
      {DiagonalProcess::kRepeatedWiener, "wiener"},
      {DiagonalProcess::kTrueProjection, "projection"},
      {DiagonalProcess::kDdim, "ddim"},
      {DiagonalProcess::kExactFlow, "flow"},
      {DiagonalProcess::kPowerIteration, "power"}};
};

struct Recursion {
  DiagonalProcess process = DiagonalProcess::kExactFlow;
  Eigen::VectorXd lambda;   // (d)
  Eigen::VectorXd sigmas;   // (T+1), level of each state
  Eigen::MatrixXd factors;  // (d,T)
};

// rank: r of the true projection, 1 to d; unused by the others.
Recursion MakeRecursion(DiagonalProcess process,
                        const Eigen::VectorXd& lambda,
                        const Eigen::VectorXd& levels,
                        Eigen::Index rank = 1);

// starts (d,B); modes: how many ratios to keep. Throws Interrupted between steps.
ProcessTrace RunRecursion(const Recursion& recursion,
                          const Eigen::MatrixXd& starts,
                          Eigen::Index modes);

// (d), the logarithm of the product of all factors; -infinity where one is 0.
Eigen::VectorXd LogGains(const Recursion& recursion);

}  // namespace denoscope
