#include "denoscope/studies/jacobian/jacobian_job.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "denoscope/base/process.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/shared_folder.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/coloured_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/jacobian/sparse_file.h"
#include "denoscope/linalg/ranked_operator.h"
#include "denoscope/ranks/meeting.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

std::string TypeText(const torch::Tensor& y) {
  return y.scalar_type() == torch::kFloat64 ? "float64" : "float32";
}

ImageShape ImageShapeOf(const torch::Tensor& y) { return {y.size(0), y.size(1), y.size(2)}; }

// Unless there is more to do together, ranks part when the file is open.
JacobianSummary WriteDense(const JacobianInput& input,
                           const JacobianJob& job,
                           const ProgressSink& progress) {
  Ranks& ranks = Ranks::OfThisJob();
  const bool parting = job.spectrum.values.empty();
  DenseBlocks blocks;
  Meeting(ranks).Step(
      [&] { blocks = MakeDenseBlocks(input.denoiser, input.y, input.sigma, job.options); });
  const NpyTarget target = {job.out, JobText(input, blocks.block), job.force};
  if (ranks.Count() == 1) return WriteJacobian(*blocks.rows, target, progress);
  return WriteJacobianTogether(*blocks.rows,
                               target,
                               progress,
                               [&] {
                                 if (parting) ranks.Disband();
                               })
      .value_or(JacobianSummary());
}

WrittenJacobian WriteColoured(const JacobianInput& input,
                              const JacobianJob& job,
                              std::int64_t field) {
  const ImageShape shape = ImageShapeOf(input.y);
  CheckMemory("jacobian",
              ColouredBytes(shape, field),
              fmt::format("coloured: {0} x {0} pixels for d = {1}", field, shape.Size()));
  const auto J = MakeJacobianOperator(input.denoiser, input.y, input.sigma);
  Ranks& ranks = Ranks::OfThisJob();
  const RankedOperator shared(*J, ranks);
  ColouredJacobian coloured;
  shared.Together([&] { coloured = ColourJacobian(shared, shape, field); });
  ranks.Disband();
  if (ranks.IsFirst()) WriteSparse(job.out, coloured.J);
  const SparseJacobian transpose = coloured.J.transpose();
  WrittenJacobian written;
  written.summary = {coloured.J.diagonal().cast<double>().sum(),
                     (coloured.J - transpose).norm() / coloured.J.norm()};
  written.kind =
      fmt::format("sparse ({} entries, {} products)", coloured.J.nonZeros(), coloured.products);
  return written;
}

WrittenJacobian Write(const JacobianInput& input,
                      const JacobianJob& job,
                      const EngineChoice& choice,
                      const ProgressSink& progress) {
  WrittenJacobian written;
  written.seconds = SecondsOf([&] {
    if (choice.engine == Engine::kDense) {
      written.summary = WriteDense(input, job, progress);
      written.kind = TypeText(input.y);
    } else {
      written = WriteColoured(input, job, choice.field);
    }
  });
  if (job.spectrum.values.empty()) return written;
  const Meeting meeting(Ranks::OfThisJob());
  meeting.Step([] {});  // the file has its name
  meeting.Step([&] { AwaitShared([&] { return std::filesystem::exists(job.out); }); });
  written.spectrum = WriteSpectrum(job.out, job.spectrum);
  return written;
}

}  // namespace

std::string JobText(const JacobianInput& input, std::int64_t block) {
  constexpr std::size_t kDigits = 16;  // of a SHA-256: enough to tell models and files apart
  return fmt::format("model {} {}, input {}, sigma {}, {}, {} rows a product",
                     input.model.value("name", ""),
                     Sha256Hex(input.model.dump()).substr(0, kDigits),
                     Sha256OfFile(input.file).substr(0, kDigits),
                     input.sigma,
                     TypeText(input.y),
                     block);
}

EngineChoice EngineFor(const JacobianInput& input, const JacobianJob& job) {
  if (!job.spectrum.values.empty()) return {Engine::kDense, 0, "the whole spectrum is asked for"};
  if (job.leading.count > 0)
    return {
        Engine::kKrylov, 0, fmt::format("the {} leading pairs are asked for", job.leading.count)};
  return ChooseEngine(input.denoiser, input.y, input.sigma, job.engine);
}

JacobianPlan PlanJacobian(const JacobianInput& input,
                          const JacobianJob& job,
                          const EngineChoice& choice) {
  if (choice.engine == Engine::kDense)
    return PlanDense(input.denoiser, input.y, input.sigma, job.options);
  const auto J = MakeJacobianOperator(input.denoiser, input.y, input.sigma);
  if (choice.engine == Engine::kColoured)
    return PlanColoured(*J, ImageShapeOf(input.y), choice.field);
  return PlanLeading(*J, KrylovOptionsOf(job.leading));
}

std::vector<RankPlan> PlanRanksOf(const JacobianPlan& plan, std::int64_t most) {
  RankWork rows;
  rows.start_seconds = plan.start_seconds;
  if (plan.blocks > 0) {
    const double block = (plan.seconds - plan.start_seconds) / static_cast<double>(plan.blocks);
    rows.units.assign(static_cast<std::size_t>(plan.blocks), {block, -1});
    return PlanRanksUpTo(rows, most);
  }
  std::vector<RankPlan> plans;
  for (std::int64_t ranks = 1;; ranks = std::min(2 * ranks, most)) {
    const std::int64_t block = std::max(plan.block, ranks);
    const double share =
        static_cast<double>((block + ranks - 1) / ranks) / static_cast<double>(block);
    plans.push_back(
        {ranks, plan.seconds * share, 1 / share, 1 - 1 / (share * static_cast<double>(ranks))});
    if (ranks == most) return plans;
  }
}

void AgreeOn(const JacobianInput& input, const JacobianJob& job, const EngineChoice& choice) {
  Ranks::OfThisJob().Agree(fmt::format(
      "job={}\nengine={}\nout={}\ntop={}\nprobes={}\nseed={}\nthreads={}\nspectrum={} {}\n",
      JobText(input, job.options.block),
      NameOf(choice.engine),
      job.out,
      job.leading.count,
      job.leading.probes,
      job.leading.seed,
      at::get_num_threads(),
      job.spectrum.values,
      job.spectrum.vectors));
}

WrittenJacobian WriteJacobianOf(const JacobianInput& input,
                                const JacobianJob& job,
                                const EngineChoice& choice,
                                const ProgressSink& progress) {
  if (job.spectrum.values.empty()) return Write(input, job, choice, progress);
  WrittenJacobian written;
  Meeting(Ranks::OfThisJob()).Together([&] { written = Write(input, job, choice, progress); });
  return written;
}

LeadingPairs WriteLeadingOf(const JacobianInput& input, const JacobianJob& job) {
  const auto J = MakeJacobianOperator(input.denoiser, input.y, input.sigma);
  LeadingPairs found = FindLeading(*J, job.leading);
  if (Ranks::OfThisJob().IsFirst()) WriteNpz(job.out, ToNpz(found, ShapeOf(input.y)));
  return found;
}

}  // namespace denoscope
