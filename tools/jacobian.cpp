// denoscope jacobian: the whole Jacobian at one image, to an NPY file.
#include <fmt/format.h>

#include <chrono>

#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/npy.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/coloured_jacobian.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/jacobian/jacobian_file.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "tools/command.h"
#include "tools/leading.h"
#include "tools/model_argument.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  std::string data = "fashion-mnist", input, sigma, type = "float32", engine = "auto", out;
  double sigma_scale = 1;
  bool dry_run = false;
  JacobianOptions options;
  LeadingArguments leading;
};

torch::Tensor ReadImage(const std::string& path, torch::ScalarType type) {
  const Array array = ReadNpy(path);
  torch::Tensor y = ToTensor(array);
  if (!y.is_floating_point())
    throw Error("image '{}': expected float32 or float64, found {}", path, ElementName(array.type));
  if (y.dim() == 4 && y.size(0) == 1) y = y[0];
  if (y.dim() != 3)
    throw Error(
        "image '{}': expected shape (C,H,W) or (1,C,H,W), found {}", path, ShapeText(array.shape));
  y = y.to(type).contiguous();
  const torch::Tensor wrong = torch::isfinite(y).logical_not().nonzero();
  if (wrong.size(0) > 0)
    throw Error("image '{}': pixel ({},{},{}) is not finite (channel, row, column)",
                path,
                wrong[0][0].item<std::int64_t>(),
                wrong[0][1].item<std::int64_t>(),
                wrong[0][2].item<std::int64_t>());
  return y;
}

// For scipy.sparse.csr_matrix((data, indices, indptr), shape).
void WriteSparse(const std::string& path, const SparseJacobian& J) {
  const auto nonzeros = static_cast<std::size_t>(J.nonZeros());
  const std::vector<float> data(J.valuePtr(), J.valuePtr() + nonzeros);
  const std::vector<std::int64_t> columns(J.innerIndexPtr(), J.innerIndexPtr() + nonzeros);
  const std::vector<std::int64_t> rows(J.outerIndexPtr(), J.outerIndexPtr() + J.rows() + 1);
  const auto count = static_cast<std::int64_t>(nonzeros);
  WriteNpz(path,
           {{"shape", Array::From<std::int64_t>({2}, {J.rows(), J.cols()})},
            {"data", Array::From<float>({count}, data)},
            {"indices", Array::From<std::int64_t>({count}, columns)},
            {"indptr", Array::From<std::int64_t>({J.rows() + 1}, rows)}});
}

// The noise level and the image that it was added to, from --sigma and --input.
struct Point {
  torch::Tensor y;
  double sigma = 0;
};
Point ReadPoint(const Arguments& a) {
  const std::vector<double> sigmas = ReadSigmas(a.sigma, a.sigma_scale, "--sigma");
  if (sigmas.size() != 1) throw UsageError("--sigma: expected one number, found '{}'", a.sigma);
  return {ReadImage(a.input, a.type == "float64" ? torch::kFloat64 : torch::kFloat32), sigmas[0]};
}

// All that J depends on, in one line.
std::string Job(const Arguments& a, const Json& model, const Point& at, std::int64_t block) {
  constexpr std::size_t kDigits = 16;  // of a SHA-256: enough to tell files apart
  return fmt::format("model {} {} read as {}, input {}, sigma {}, {}, {} rows a product",
                     model.value("name", ""),
                     model.value("sha256", "").substr(0, kDigits),
                     a.model.prediction.empty() ? "it says" : a.model.prediction,
                     Sha256OfFile(a.input).substr(0, kDigits),
                     at.sigma,
                     a.type,
                     block);
}

struct Computed {
  JacobianSummary summary;
  std::string kind;
};

Computed WriteDense(const Arguments& a,
                    const OpenedModel& model,
                    const Point& at,
                    const SharedFlags& flags) {
  const DenseBlocks blocks = MakeDenseBlocks(*model.denoiser, at.y, at.sigma, a.options);
  const std::string job = Job(a, model.identity, at, blocks.block);
  return {WriteJacobian(*blocks.rows, a.out, job, flags.force, ProgressLine(flags)), a.type};
}

Computed WriteColoured(const Arguments& a,
                       const Denoiser& denoiser,
                       const Point& at,
                       std::int64_t field) {
  const torch::Tensor& y = at.y;
  const ImageShape shape = {y.size(0), y.size(1), y.size(2)};
  CheckMemory("jacobian",
              ColouredBytes(shape, field),
              fmt::format("coloured: {0} x {0} pixels for d = {1}", field, shape.Size()));
  const auto J = MakeJacobianOperator(denoiser, y, at.sigma);
  const ColouredJacobian coloured = ColourJacobian(*J, shape, field);
  WriteSparse(a.out, coloured.J);
  const SparseJacobian transpose = coloured.J.transpose();
  return {
      {coloured.J.diagonal().cast<double>().sum(),
       (coloured.J - transpose).norm() / coloured.J.norm()},
      fmt::format("sparse ({} entries, {} products)", coloured.J.nonZeros(), coloured.products)};
}

JacobianPlan Plan(const Arguments& a,
                  const Denoiser& denoiser,
                  const Point& at,
                  const EngineChoice& choice,
                  const SharedFlags& flags) {
  const torch::Tensor& y = at.y;
  if (choice.engine == Engine::kDense) return PlanDense(denoiser, y, at.sigma, a.options);
  const auto J = MakeJacobianOperator(denoiser, y, at.sigma);
  if (choice.engine == Engine::kColoured)
    return PlanColoured(*J, {y.size(0), y.size(1), y.size(2)}, choice.field);
  return PlanLeading(*J, KrylovOptionsOf(a.leading, flags));
}

void PrintPlan(const JacobianPlan& plan, const EngineChoice& choice, const SharedFlags& flags) {
  if (!flags.json) {
    fmt::print("engine {} ({})\n{}\n", EngineName(choice.engine), choice.reason, plan.Text());
    return;
  }
  fmt::print("{}\n",
             Json({{"engine", EngineName(choice.engine)},
                   {"reason", choice.reason},
                   {"d", plan.d},
                   {"passes", {plan.passes, plan.most_passes}},
                   {"seconds", {plan.seconds, plan.most_seconds}},
                   {"memory_bytes", plan.memory},
                   {"output_bytes", plan.output}})
                 .dump(2));
}

void CheckFlags(Arguments& a) {
  if (a.leading.count < 0)
    throw UsageError("--top: expected a number >= 1, found {}", a.leading.count);
  if (a.leading.probes == 1 || a.leading.probes < 0)
    throw UsageError("--probes: expected 0 or a number >= 2, found {}", a.leading.probes);
  const bool krylov = a.engine == "krylov";
  if (krylov && a.leading.count == 0) a.leading.count = 32;
  if (a.leading.count > 0 && !krylov && a.engine != "auto")
    throw UsageError("--top: goes with --engine krylov, found {}", a.engine);
  if (a.leading.count > 0 && a.type != "float32")
    throw UsageError("--top: computes in float32, found --dtype {}", a.type);
  if (a.leading.probes > 0 && a.leading.count == 0)
    throw UsageError("--probes: goes with --top or --engine krylov");
}

EngineChoice Choose(const Arguments& a, const Denoiser& denoiser, const Point& at) {
  if (a.leading.count > 0)
    return {Engine::kKrylov, 0, fmt::format("the {} leading pairs are asked for", a.leading.count)};
  std::optional<Engine> wanted;
  if (a.engine == "dense") wanted = Engine::kDense;
  if (a.engine == "coloured") wanted = Engine::kColoured;
  return ChooseEngine(denoiser, at.y, at.sigma, wanted);
}

void PrintResult(const Arguments& a,
                 const Computed& result,
                 const EngineChoice& choice,
                 std::int64_t d,
                 double seconds,
                 const SharedFlags& flags) {
  if (flags.json)
    fmt::print("{}\n",
               Json({{"out", a.out},
                     {"d", d},
                     {"engine", EngineName(choice.engine)},
                     {"reason", choice.reason},
                     {"trace", result.summary.trace},
                     {"asymmetry", result.summary.asymmetry},
                     {"seconds", seconds}})
                   .dump(2));
  else
    fmt::print("{0}: J of {1} x {1} {2}, trace {3:.4f}, asymmetry {4:.4f}, {5:.2f} s\n",
               a.out,
               d,
               result.kind,
               result.summary.trace,
               result.summary.asymmetry,
               seconds);
}

void Run(Arguments a, const SharedFlags& flags) {
  CheckFlags(a);
  if (std::filesystem::exists(a.out) && !flags.force && !a.dry_run)
    throw Error("file '{}': exists, use --force to replace it", a.out);
  const Point at = ReadPoint(a);
  const OpenedModel model = OpenModel(
      a.model,
      a.model.Linear() ? LoadTrainingReference(a.data, ProgressLine(flags)) : TrainingReference());
  const Denoiser& denoiser = *model.denoiser;
  Warn(OutsideTraining(denoiser.Traits(), {at.sigma}));
  model.denoiser->SetType(at.y.scalar_type());
  const EngineChoice choice = Choose(a, denoiser, at);
  if (a.dry_run) return PrintPlan(Plan(a, denoiser, at, choice, flags), choice, flags);
  if (!flags.quiet) fmt::print(stderr, "engine {}: {}\n", EngineName(choice.engine), choice.reason);
  if (choice.engine == Engine::kKrylov)
    return RunLeading(
        a.leading, *MakeJacobianOperator(denoiser, at.y, at.sigma), ShapeOf(at.y), a.out, flags);
  const auto start = std::chrono::steady_clock::now();
  const Computed result = choice.engine == Engine::kDense
                              ? WriteDense(a, model, at, flags)
                              : WriteColoured(a, denoiser, at, choice.field);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  PrintResult(a, result, choice, at.y.numel(), seconds.count(), flags);
}

}  // namespace

void AddJacobianCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand("jacobian", "the whole Jacobian at one image, as NPY");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(*command, a->model);
  command->add_option("--data", a->data, "data set that a linear model is fitted to")
      ->capture_default_str();
  command->add_option("--input", a->input, "noisy image, NPY, (C,H,W) or (1,C,H,W), f4 or f8")
      ->required();
  command->add_option("--sigma", a->sigma, "its noise level, [0,1] scale")->required();
  command->add_option("--sigma-scale", a->sigma_scale, "divides sigma")->capture_default_str();
  command->add_option("--dtype", a->type, "arithmetic and output: float32 or float64")
      ->check(CLI::IsMember({"float32", "float64"}))
      ->capture_default_str();
  command->add_option("--block", a->options.block, "rows a product; 0: chosen")
      ->capture_default_str();
  command
      ->add_option("--engine",
                   a->engine,
                   "dense; coloured, exact and sparse where the receptive field is small; krylov, "
                   "leading pairs alone; or auto")
      ->check(CLI::IsMember({"auto", "dense", "coloured", "krylov"}))
      ->capture_default_str();
  AddLeadingFlags(*command, a->leading);
  command->add_flag("--dry-run", a->dry_run, "passes, memory and seconds from a probe, no more");
  command
      ->add_option("--out",
                   a->out,
                   "file to write: (d,d), row = output pixel; NPY, or of a coloured one NPZ with "
                   "data, indices, indptr and shape, for scipy.sparse.csr_matrix")
      ->required();
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
