// denoscope jacobian: the whole Jacobian at one image, to an NPY file.
#include <fmt/format.h>

#include <chrono>

#include "denoscope/base/error.h"
#include "denoscope/files/npy.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/coloured_jacobian.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "tools/command.h"
#include "tools/model_argument.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  std::string data = "fashion-mnist", input, sigma, type = "float32", engine = "auto", out;
  double sigma_scale = 1;
  JacobianOptions options;
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
  return y.to(type);
}

enum class Engine { kDense, kColoured };

struct Choice {
  Engine engine = Engine::kDense;
  std::int64_t field = 0;  // of coloured
  std::string reason;
};

// Coloured where the receptive field is known, or shown by probing, to be small.
Choice Choose(const Arguments& a, const Denoiser& denoiser, const torch::Tensor& y, double sigma) {
  const ImageShape shape = {y.size(0), y.size(1), y.size(2)};
  Choice choice;
  const std::optional<std::int64_t> known = denoiser.Traits().receptive_field;
  if (a.engine == "dense" || a.type == "float64") {
    choice.reason = a.engine == "dense" ? "dense: as asked" : "dense: the engine of float64";
    return choice;
  }
  const auto products = [&](std::int64_t field) { return field * field * shape.C; };
  if (a.engine == "auto" && (!known || 4 * products(*known) > shape.Size())) {
    choice.reason =
        known ? fmt::format(
                    "dense: colouring takes {} products for d = {}", products(*known), shape.Size())
              : "dense: no receptive field is known";
    return choice;
  }
  choice.engine = Engine::kColoured;
  if (known && *known < std::max(shape.H, shape.W)) {
    choice.field = *known;
    choice.reason =
        fmt::format("coloured: receptive field {0} x {0} by the architecture", choice.field);
    return choice;
  }
  const auto J = MakeJacobianOperator(denoiser, y, sigma);
  const FieldProbe probe = ProbeField(*J, shape);
  if (!probe.field) throw Error("--engine coloured: {}", probe.certainty);
  choice.field = *probe.field;
  choice.reason = "coloured: " + probe.certainty;
  return choice;
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

struct Computed {
  double trace = 0, asymmetry = 0;
  std::string kind;
};

Computed WriteDense(const Arguments& a,
                    const Denoiser& denoiser,
                    const torch::Tensor& y,
                    double sigma) {
  const torch::Tensor J = DenseJacobian(denoiser, y, sigma, a.options).J;
  WriteNpy(a.out, ToArray(J));
  return {J.trace().item<double>(), ((J - J.t()).norm() / J.norm()).item<double>(), a.type};
}

Computed WriteColoured(const Arguments& a,
                       const Denoiser& denoiser,
                       const torch::Tensor& y,
                       double sigma,
                       std::int64_t field) {
  const auto J = MakeJacobianOperator(denoiser, y, sigma);
  const ColouredJacobian coloured = ColourJacobian(*J, {y.size(0), y.size(1), y.size(2)}, field);
  WriteSparse(a.out, coloured.J);
  const SparseJacobian transpose = coloured.J.transpose();
  return {
      coloured.J.diagonal().cast<double>().sum(),
      (coloured.J - transpose).norm() / coloured.J.norm(),
      fmt::format("sparse ({} entries, {} products)", coloured.J.nonZeros(), coloured.products)};
}

void Run(const Arguments& a, const SharedFlags& flags) {
  const std::vector<double> sigmas = ReadSigmas(a.sigma, a.sigma_scale);
  if (sigmas.size() != 1) throw UsageError("--sigma: expected one number, found '{}'", a.sigma);
  if (std::filesystem::exists(a.out) && !flags.force)
    throw Error("file '{}': exists, use --force to replace it", a.out);
  const auto type = a.type == "float64" ? torch::kFloat64 : torch::kFloat32;
  const torch::Tensor y = ReadImage(a.input, type);
  const OpenedModel model =
      OpenModel(a.model, a.model.Linear() ? LoadTrainingReference(a.data) : TrainingReference());
  model.denoiser->SetType(type);
  const Choice choice = Choose(a, *model.denoiser, y, sigmas[0]);
  if (!flags.quiet) fmt::print(stderr, "engine {}\n", choice.reason);
  const auto start = std::chrono::steady_clock::now();
  const Computed result = choice.engine == Engine::kDense
                              ? WriteDense(a, *model.denoiser, y, sigmas[0])
                              : WriteColoured(a, *model.denoiser, y, sigmas[0], choice.field);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (flags.json)
    fmt::print("{}\n",
               Json({{"out", a.out},
                     {"d", y.numel()},
                     {"engine", choice.reason},
                     {"trace", result.trace},
                     {"asymmetry", result.asymmetry},
                     {"seconds", seconds.count()}})
                   .dump(2));
  else
    fmt::print("{}: J of {} x {} {}, trace {:.4f}, asymmetry {:.4f}, {:.2f} s\n",
               a.out,
               y.numel(),
               y.numel(),
               result.kind,
               result.trace,
               result.asymmetry,
               seconds.count());
}

}  // namespace

void AddJacobianCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand("jacobian", "the whole Jacobian at one image, as NPY");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(*command, a->model);
  command->add_option("--data", a->data, "data set that linear:wiener is fitted to")
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
                   "dense; coloured, exact and sparse where the receptive field is small; or auto")
      ->check(CLI::IsMember({"auto", "dense", "coloured"}))
      ->capture_default_str();
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
