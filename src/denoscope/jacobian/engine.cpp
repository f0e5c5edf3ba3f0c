#include "denoscope/jacobian/engine.h"

#include <algorithm>
#include <set>

#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/jacobian/coloured_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/jacobian/sparse_room.h"

namespace denoscope {
namespace {

// Seconds of a product with one of `columns` vectors and its transpose, warm.
double SecondsOfPair(const LinearOperator& J, Eigen::Index columns) {
  const Eigen::MatrixXf V = Eigen::MatrixXf::Random(J.Cols(), columns);
  const auto pair = [&] { J.ApplyTranspose(J.Apply(V)); };
  pair();
  return std::min(SecondsOf(pair), SecondsOf(pair)) / static_cast<double>(columns);
}

std::string SecondsText(double seconds) {
  return seconds < 100 ? fmt::format("{:.2g} s", seconds) : fmt::format("{:.3g} min", seconds / 60);
}

}  // namespace

EngineChoice ChooseEngine(const Denoiser& denoiser,
                          const torch::Tensor& y,
                          double sigma,
                          std::optional<Engine> wanted) {
  const ImageShape shape = {y.size(0), y.size(1), y.size(2)};
  const std::optional<std::int64_t> known = denoiser.Traits().receptive_field;
  if (wanted == Engine::kDense) return {Engine::kDense, 0, "as asked"};
  if (y.scalar_type() == torch::kFloat64) {
    if (wanted == Engine::kColoured) throw Error("engine coloured: computes in float32 alone");
    return {Engine::kDense, 0, "the engine of float64"};
  }
  const auto products = [&](std::int64_t field) { return field * field * shape.C; };
  if (!wanted && !known) return {Engine::kDense, 0, "no receptive field is known"};
  // Measured: a row of the dense engine costs about a tenth of a product.
  constexpr std::int64_t kRowsOfAProduct = 12;
  if (!wanted && kRowsOfAProduct * products(*known) > shape.Size())
    return {Engine::kDense,
            0,
            fmt::format("colouring takes {} products for d = {}", products(*known), shape.Size())};
  if (known && *known < std::max(shape.H, shape.W))
    return {Engine::kColoured,
            *known,
            fmt::format("receptive field {0} x {0} by the architecture", *known)};
  const FieldProbe probe = ProbeField(*MakeJacobianOperator(denoiser, y, sigma), shape);
  if (!probe.field) throw Error("engine coloured: {}", probe.certainty);
  return {Engine::kColoured, *probe.field, probe.certainty};
}

std::string JacobianPlan::Text() const {
  const bool range = most_passes > passes;
  return fmt::format(
      "d = {}: {}{} vectors through the network, {}{}, {:.0f} MB of memory, {:.1f} "
      "MB of output",
      d,
      passes,
      range ? fmt::format(" to {}", most_passes) : "",
      SecondsText(seconds),
      range ? " to " + SecondsText(most_seconds) : "",
      static_cast<double>(memory) / 1e6,
      static_cast<double>(output) / 1e6);
}

JacobianPlan PlanDense(const Denoiser& denoiser,
                       const torch::Tensor& y,
                       double sigma,
                       const JacobianOptions& options) {
  JacobianPlan plan;
  plan.d = y.numel();
  plan.passes = plan.most_passes = plan.d;
  plan.output = plan.d * plan.d * static_cast<std::int64_t>(y.element_size());
  DenseBlocks blocks;
  const double start = SecondsOf([&] { blocks = MakeDenseBlocks(denoiser, y, sigma, options); });
  const std::int64_t count = blocks.rows->Count();
  const SparseRoom room(plan.d, plan.d, y.options());
  const torch::Tensor& J = room.J();
  const double cold = SecondsOf([&] { blocks.rows->Compute(0, J); });
  // Blocks at the image's border are cheaper than those inside.
  std::set<std::int64_t> probed = {count / 4, count / 2, 3 * count / 4};
  double warm = 0;
  for (const std::int64_t i : probed) warm += SecondsOf([&] { blocks.rows->Compute(i, J); });
  warm /= static_cast<double>(probed.size());
  plan.seconds = plan.most_seconds = start + cold + static_cast<double>(count - 1) * warm;
  plan.blocks = count;
  plan.start_seconds = start + std::max(0.0, cold - warm);
  plan.memory = PeakMemory();
  return plan;
}

JacobianPlan PlanColoured(const LinearOperator& J, const ImageShape& shape, std::int64_t field) {
  JacobianPlan plan;
  plan.d = shape.Size();
  const std::int64_t high = std::min(field, shape.H), wide = std::min(field, shape.W);
  plan.passes = plan.most_passes = shape.C * high * wide;
  plan.block = wide;
  Eigen::MatrixXf U = Eigen::MatrixXf::Random(plan.d, wide);
  J.ApplyTranspose(U);
  const double row = SecondsOf([&] { J.ApplyTranspose(U); });
  plan.seconds = plan.most_seconds = row * static_cast<double>(shape.C * high);
  plan.output = 12 * plan.d * plan.passes + 8 * (plan.d + 1);
  plan.memory = PeakMemory() + ColouredBytes(shape, field);
  return plan;
}

// An entry is 24 bytes while it is collected, with its row and column, and the sparse matrix is
// made by way of its transpose.
std::int64_t ColouredBytes(const ImageShape& shape, std::int64_t field) {
  const std::int64_t products = shape.C * std::min(field, shape.H) * std::min(field, shape.W);
  return 3 * 24 * shape.Size() * products;
}

std::int64_t LeadingBytes(Eigen::Index d, const KrylovOptions& options) {
  const KrylovOptions o = Resolved(options, d, 2);
  return 12 * d * o.subspace + 32 * d * o.count;
}

JacobianPlan PlanLeading(const LinearOperator& J, const KrylovOptions& options) {
  JacobianPlan plan;
  const std::int64_t d = J.Rows();
  plan.d = d;
  const KrylovOptions eigen = Resolved(options, d, 1), triplets = Resolved(options, d, 2);
  const std::int64_t K = eigen.count, least = K + 2 * eigen.block;
  const double pair = SecondsOfPair(J, eigen.block);
  // A product with sym(J) is a pair of J and J^T.
  plan.passes = 4 * least;
  plan.most_passes = 2 * eigen.max_applications + triplets.max_applications;
  plan.seconds = pair * static_cast<double>(plan.passes) / 2;
  plan.most_seconds = pair * static_cast<double>(plan.most_passes) / 2;
  plan.block = eigen.block;
  plan.memory = PeakMemory() + LeadingBytes(d, options);
  plan.output = 3 * 4 * d * K;
  return plan;
}

}  // namespace denoscope
