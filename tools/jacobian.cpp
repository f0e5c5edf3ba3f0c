// denoscope jacobian: the whole Jacobian at one image, to an NPY file.
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <thread>

#include "denoscope/arrays/mapped_array.h"
#include "denoscope/arrays/npy.h"
#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/shared_folder.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/coloured_jacobian.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/jacobian/jacobian_file.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/linalg/ranked_operator.h"
#include "denoscope/ranks/meeting.h"
#include "tools/command.h"
#include "tools/leading.h"
#include "tools/model_argument.h"
#include "tools/rank_table.h"
#include "tools/whole_spectrum.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  std::string data = "fashion-mnist", input, sigma, type = "float32", engine = "auto", out;
  double sigma_scale = 1;
  bool dry_run = false;
  std::int64_t ranks = 0;
  JacobianOptions options;
  LeadingArguments leading;
  std::string matrix;  // a finished J, in place of input, sigma and out
  SpectrumArguments spectrum;
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

// What several ranks must be at one about.
std::string AgreementLines(const Arguments& a,
                           const Json& model,
                           const Point& at,
                           const EngineChoice& choice,
                           const SharedFlags& flags) {
  return fmt::format(
      "job={}\nengine={}\nout={}\ntop={}\nprobes={}\nseed={}\nthreads={}\nspectrum={} {}\n",
      Job(a, model, at, a.options.block),
      NameOf(choice.engine),
      a.out,
      a.leading.count,
      a.leading.probes,
      flags.seed,
      at::get_num_threads(),
      a.spectrum.values,
      a.spectrum.vectors);
}

struct Computed {
  JacobianSummary summary;  // on rank 0
  std::string kind;
};

// Unless there is more to do together, ranks part when the file is open.
Computed WriteDense(const Arguments& a,
                    const OpenedModel& model,
                    const Point& at,
                    const SharedFlags& flags) {
  Ranks& ranks = Ranks::OfThisJob();
  const bool parting = a.spectrum.values.empty();
  DenseBlocks blocks;
  Meeting(ranks).Step(
      [&] { blocks = MakeDenseBlocks(*model.denoiser, at.y, at.sigma, a.options); });
  const NpyTarget target = {a.out, Job(a, model.identity, at, blocks.block), flags.force};
  const ProgressSink progress = ProgressLine(flags);
  if (ranks.Count() == 1) return {WriteJacobian(*blocks.rows, target, progress), a.type};
  const auto summary = WriteJacobianTogether(*blocks.rows, target, progress, [&] {
    if (parting) ranks.Disband();
  });
  return {summary.value_or(JacobianSummary()), a.type};
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
  Ranks& ranks = Ranks::OfThisJob();
  const RankedOperator shared(*J, ranks);
  ColouredJacobian coloured;
  shared.Together([&] { coloured = ColourJacobian(shared, shape, field); });
  ranks.Disband();
  if (ranks.IsFirst()) WriteSparse(a.out, coloured.J);
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

// Of one rank, and what up to `ranks` would make of it.
void PrintPlan(const JacobianPlan& plan,
               const EngineChoice& choice,
               std::int64_t ranks,
               const SharedFlags& flags) {
  const std::vector<RankPlan> ranked =
      ranks > 0 ? PlanRanksOf(plan, ranks) : std::vector<RankPlan>();
  if (!flags.json) {
    fmt::print("engine {} ({})\n{}\n", NameOf(choice.engine), choice.reason, plan.Text());
    if (ranks > 0)
      fmt::print("Of ranks with {} threads each{}:\n{}",
                 at::get_num_threads(),
                 plan.blocks > 0 ? "" : ", the least time",
                 RankTable(ranked));
    return;
  }
  fmt::print("{}\n",
             Json({{"engine", NameOf(choice.engine)},
                   {"reason", choice.reason},
                   {"d", plan.d},
                   {"passes", {plan.passes, plan.most_passes}},
                   {"seconds", {plan.seconds, plan.most_seconds}},
                   {"memory_bytes", plan.memory},
                   {"output_bytes", plan.output},
                   {"ranks", RankRows(ranked)}})
                 .dump(2));
}

void CheckFlags(Arguments& a, const SharedFlags& flags) {
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
  CheckSpectrumFlags(a.spectrum, flags);
  if (a.spectrum.values.empty()) return;
  if (a.leading.count > 0) throw UsageError("--spectrum: is of the whole matrix, found --top");
  if (a.engine == "coloured")
    throw UsageError("--spectrum: is of a dense matrix, found --engine coloured");
  a.engine = "dense";
}

// Either a model at a point, or a finished matrix.
void CheckSource(const Arguments& a) {
  const bool any = !(a.input.empty() && a.sigma.empty() && a.out.empty());
  if (a.matrix.empty()) {
    if (a.model.model.empty()) throw UsageError("--model is required");
    if (a.input.empty()) throw UsageError("--input is required");
    if (a.sigma.empty()) throw UsageError("--sigma is required");
    if (a.out.empty()) throw UsageError("--out is required");
  } else if (any || !a.model.model.empty()) {
    throw UsageError("--matrix: stands in place of --model, --input, --sigma and --out");
  } else if (a.spectrum.values.empty()) {
    throw UsageError("--matrix: goes with --spectrum");
  }
}

EngineChoice Choose(const Arguments& a, const Denoiser& denoiser, const Point& at) {
  if (!a.spectrum.values.empty()) return {Engine::kDense, 0, "the whole spectrum is asked for"};
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
                 const SharedFlags& flags,
                 const std::optional<SpectrumReport>& spectrum) {
  if (!Ranks::OfThisJob().IsFirst()) return;
  if (!flags.json) {
    fmt::print("{0}: J of {1} x {1} {2}, trace {3:.4f}, asymmetry {4:.4f}, {5:.2f} s\n{6}",
               a.out,
               d,
               result.kind,
               result.summary.trace,
               result.summary.asymmetry,
               seconds,
               spectrum ? spectrum->text : "");
    return;
  }
  Json json = {{"out", a.out},
               {"d", d},
               {"engine", NameOf(choice.engine)},
               {"reason", choice.reason},
               {"trace", result.summary.trace},
               {"asymmetry", result.summary.asymmetry},
               {"ranks", Ranks::OfThisJob().Count()},
               {"seconds", seconds}};
  if (spectrum) json["spectrum"] = spectrum->json;
  fmt::print("{}\n", json.dump(2));
}

void ComputeAndPrint(const Arguments& a,
                     const OpenedModel& model,
                     const Point& at,
                     const EngineChoice& choice,
                     const SharedFlags& flags) {
  const auto start = std::chrono::steady_clock::now();
  const Computed result = choice.engine == Engine::kDense
                              ? WriteDense(a, model, at, flags)
                              : WriteColoured(a, *model.denoiser, at, choice.field);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::optional<SpectrumReport> spectrum;
  if (!a.spectrum.values.empty()) {
    const Meeting meeting(Ranks::OfThisJob());
    meeting.Step([] {});  // the file has its name
    meeting.Step([&] { AwaitShared([&] { return std::filesystem::exists(a.out); }); });
    spectrum = WriteSpectrum(a.out, a.spectrum);
  }
  PrintResult(a, result, choice, at.y.numel(), seconds.count(), flags, spectrum);
}

void RunOnMatrix(const Arguments& a, const SharedFlags& flags) {
  Ranks& ranks = Ranks::OfThisJob();
  ranks.Agree(fmt::format("matrix={} {}\nspectrum={} {}\nthreads={}\n",
                          a.matrix,
                          ShapeText(MapNpy(a.matrix).shape),
                          a.spectrum.values,
                          a.spectrum.vectors,
                          at::get_num_threads()));
  SpectrumReport report;
  Meeting(ranks).Together([&] { report = WriteSpectrum(a.matrix, a.spectrum); });
  if (!ranks.IsFirst()) return;
  fmt::print("{}", flags.json ? report.json.dump(2) + "\n" : report.text);
}

void Run(Arguments a, const SharedFlags& flags) {
  CheckSource(a);
  CheckFlags(a, flags);
  CheckRanksFlag(a.ranks, a.dry_run);
  if (!a.matrix.empty()) return RunOnMatrix(a, flags);
  if (std::filesystem::exists(a.out) && !flags.force && !a.dry_run)
    throw Error("file '{}': exists, use --force to replace it{}",
                a.out,
                a.spectrum.values.empty() ? "" : ", or --matrix for the spectrum of what it holds");
  const Point at = ReadPoint(a);
  const OpenedModel model = OpenModel(
      a.model,
      a.model.Linear() ? LoadTrainingReference(a.data, ProgressLine(flags)) : TrainingReference());
  const Denoiser& denoiser = *model.denoiser;
  Warn(OutsideTraining(denoiser.Traits(), {at.sigma}));
  model.denoiser->SetType(at.y.scalar_type());
  const EngineChoice choice = Choose(a, denoiser, at);
  Ranks& ranks = Ranks::OfThisJob();
  ranks.Agree(AgreementLines(a, model.identity, at, choice, flags));
  if (a.dry_run) {
    if (ranks.IsFirst()) PrintPlan(Plan(a, denoiser, at, choice, flags), choice, a.ranks, flags);
    return;
  }
  if (!flags.quiet && ranks.IsFirst())
    fmt::print(stderr, "engine {}: {}\n", NameOf(choice.engine), choice.reason);
  if (choice.engine == Engine::kKrylov)
    return RunLeading(
        a.leading, *MakeJacobianOperator(denoiser, at.y, at.sigma), ShapeOf(at.y), a.out, flags);
  if (a.spectrum.values.empty()) return ComputeAndPrint(a, model, at, choice, flags);
  Meeting(ranks).Together([&] { ComputeAndPrint(a, model, at, choice, flags); });
}

}  // namespace

void AddJacobianCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand("jacobian", "the whole Jacobian at one image, as NPY");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(*command, a->model);
  command->get_option("--model")->required(false);
  command->add_option("--data", a->data, "data set that a linear model is fitted to")
      ->capture_default_str();
  command->add_option("--input", a->input, "noisy image, NPY, (C,H,W) or (1,C,H,W), f4 or f8");
  command->add_option("--sigma", a->sigma, "its noise level, [0,1] scale");
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
  AddRanksFlag(*command, a->ranks);
  command->add_option(
      "--out",
      a->out,
      "file to write: (d,d), row = output pixel; NPY, or of a coloured one NPZ with "
      "data, indices, indptr and shape, for scipy.sparse.csr_matrix");
  AddSpectrumFlags(*command, a->spectrum);
  command->add_option(
      "--matrix",
      a->matrix,
      "with --spectrum, in place of a model and an image: NPY file of a finished J");
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
