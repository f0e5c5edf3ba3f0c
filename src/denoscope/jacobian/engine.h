// Which engine gives a denoiser's Jacobian, why, and what it will cost.
//
//   dense      all d rows (dense_jacobian.h): d vectors through the network or less
//   coloured   R^2 C vectors, exact, where the receptive field R x R is small (coloured_jacobian.h)
//   krylov     leading eigenpairs and singular triplets alone, without the matrix (block_krylov.h)
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "denoscope/base/enum_names.h"
#include "denoscope/denoise/denoiser.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/linalg/block_krylov.h"

namespace denoscope {

enum class Engine { kDense, kColoured, kKrylov };
template <>
struct EnumNames<Engine> {
  static constexpr const char* kWhat = "engine";
  static constexpr EnumName<Engine> kNames[] = {
      {Engine::kDense, "dense"}, {Engine::kColoured, "coloured"}, {Engine::kKrylov, "krylov"}};
};

struct EngineChoice {
  Engine engine = Engine::kDense;
  std::int64_t field = 0;  // R, of coloured
  std::string reason;
};

// For the whole matrix at y (C,H,W): coloured where the receptive field is known, or shown by
// probing when coloured is wanted, to be small; else dense. Throws when coloured is wanted and J is
// not local.
EngineChoice ChooseEngine(const Denoiser& denoiser,
                          const torch::Tensor& y,
                          double sigma,
                          std::optional<Engine> wanted);

// Vectors through the network, seconds, and bytes: of memory at the peak, without what the map of
// an output file occupies, and of output. A range where the work depends on the spectrum: then the
// least is a first convergence test that succeeds and the most the limit of products.
struct JacobianPlan {
  std::int64_t d = 0, passes = 0, most_passes = 0;
  double seconds = 0, most_seconds = 0;
  std::int64_t memory = 0, output = 0;
  // What ranks divide: so many blocks of rows after so many seconds, or the vectors of each
  // product.
  std::int64_t blocks = 0, block = 1;
  double start_seconds = 0;
  std::string Text() const;  // "512 vectors through the network, about 1.3 s, ..."
};

// Each from a probe on this machine: the set-up and a few of the job's blocks, or products with
// random vectors, which run as long as those of the job.
JacobianPlan PlanDense(const Denoiser& denoiser,
                       const torch::Tensor& y,
                       double sigma,
                       const JacobianOptions& options);
JacobianPlan PlanColoured(const LinearOperator& J, const ImageShape& shape, std::int64_t field);
JacobianPlan PlanLeading(const LinearOperator& J,
                         const KrylovOptions& options);  // of both problems

// Bytes at the peak beside the network's own: what has to be there before the work starts.
std::int64_t ColouredBytes(const ImageShape& shape, std::int64_t field);
std::int64_t LeadingBytes(Eigen::Index d, const KrylovOptions& options);

}  // namespace denoscope
