// Is the Jacobian that we compute the derivative of the denoiser? A checker that trusts nothing:
// the engine's rows, columns by dual numbers and central differences are compared entry by entry in
// float64; products are compared with their adjoints; and two identities are tested that tie J to
// D alone.
//
//   differences  (D(y + h e_j) - D(y - h e_j)) / 2h. A kink of a ReLU within h of y looks like a
//                wrong derivative; so columns that disagree are taken again with a smaller h, and a
//                derivative that is wrong stays wrong.
//   adjoint      <u, J v> = <J^T u, v> for random u, v
//   homogeneity  J y = D(y), where D(a y) = a D(y) by construction
//   SURE         E[z^T D(x + sigma z)] = sigma E[tr J(x + sigma z)], z ~ N(0, I) (Stein 1981): true
//                of any D, so it tests J and not the denoiser. Pairs z, -z; independent signs w
//                give w^T J w for the trace.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/denoise/denoiser.h"

namespace denoscope {

struct SelfTestOptions {
  std::int64_t draws = 64;  // pairs of noise behind SURE, >= 8
  std::int64_t worst = 3;   // entries told of each comparison, >= 0
  double step = 1e-5;       // h, on the [0,1] scale, > 0
  std::uint64_t seed = 0;

  void Check() const;
};

struct Disagreement {
  std::int64_t row = 0, column = 0;  // output and input pixel, flattened C,H,W
  double first = 0, second = 0;      // the two values of the entry
};

struct SelfTestCheck {
  enum class Outcome { kPassed, kFailed, kNotPossible };
  std::string name;    // "engine - differences"
  std::string method;  // what was compared, in words
  Outcome outcome = Outcome::kNotPossible;
  double error = 0, tolerance = 0;       // passed if error <= tolerance
  std::string note = {};                 // why it was not possible, or what there is to know
  std::vector<Disagreement> worst = {};  // the largest first
};

struct SelfTest {
  double sigma = 0;
  std::vector<SelfTestCheck> checks;
  bool Passed() const;  // none failed
};

// x (C,H,W), the clean image around which is tested; d up to about 1000. The denoiser computes in
// float64 meanwhile and in float32 afterwards.
SelfTest TestJacobian(Denoiser& denoiser,
                      const torch::Tensor& x,
                      double sigma,
                      const SelfTestOptions& options = {});

}  // namespace denoscope
