// denoscope jacobian: the whole Jacobian at one image, to an NPY file.
#include <fmt/format.h>

#include <chrono>

#include "denoscope/base/error.h"
#include "denoscope/files/npy.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/coloured_jacobian.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/linalg/block_krylov.h"
#include "tools/command.h"
#include "tools/model_argument.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  std::string data = "fashion-mnist", input, sigma, type = "float32", engine = "auto", out;
  double sigma_scale = 1;
  std::int64_t top = 0;
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

// Leading eigenpairs of sym(J) and singular triplets of J, matrix-free.
void RunLeading(const Arguments& a,
                const Denoiser& denoiser,
                const torch::Tensor& y,
                double sigma,
                const SharedFlags& flags) {
  const auto J = MakeJacobianOperator(denoiser, y, sigma);
  KrylovOptions options;
  options.count = a.top;
  options.seed = flags.seed;
  const auto start = std::chrono::steady_clock::now();
  const RitzPairs eigen = LeadingEigenpairs(SymmetricPart(*J), options);
  const SingularTriplets svd = LeadingSingularTriplets(*J, options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const auto images = [&](const Eigen::MatrixXf& vectors) {
    return Array::From<float>({vectors.cols(), y.size(0), y.size(1), y.size(2)}, vectors.data());
  };
  const auto numbers = [](const Eigen::VectorXd& x) {
    return Array::From<double>({x.size()}, x.data());
  };
  WriteNpz(a.out,
           {{"eigenvalues", numbers(eigen.values)},
            {"eigenvectors", images(eigen.vectors)},
            {"eigenvalue_residuals", numbers(eigen.residuals)},
            {"eigenvector_angle_bounds", numbers(eigen.angle_bounds)},
            {"singular_values", numbers(svd.values)},
            {"left_vectors", images(svd.left)},
            {"right_vectors", images(svd.right)},
            {"singular_residuals", numbers(svd.residuals)},
            {"singular_angle_bounds", numbers(svd.angle_bounds)}});
  // Of sym(J) a product takes one of J and one of J^T.
  const std::int64_t products = 2 * eigen.applications + svd.applications;
  if (flags.json) {
    fmt::print("{}\n",
               Json({{"out", a.out},
                     {"d", y.numel()},
                     {"eigenvalues", std::vector<double>(eigen.values.begin(), eigen.values.end())},
                     {"singular_values", std::vector<double>(svd.values.begin(), svd.values.end())},
                     {"complete", eigen.complete && svd.complete},
                     {"eigenpairs", eigen.status},
                     {"singular_triplets", svd.status},
                     {"products", products},
                     {"seconds", seconds.count()}})
                   .dump(2));
    return;
  }
  fmt::print("eigenpairs of sym(J): {}\nsingular triplets of J: {}\n", eigen.status, svd.status);
  fmt::print("   k  eigenvalue  residual   angle  singular value  residual   angle\n");
  for (Eigen::Index k = 0; k < eigen.values.size(); ++k)
    fmt::print("{:>4}  {:>10.6f}  {:8.1e}  {:6.4f}  {:>14.6f}  {:8.1e}  {:6.4f}\n",
               k,
               eigen.values[k],
               eigen.residuals[k],
               eigen.angle_bounds[k],
               svd.values[k],
               svd.residuals[k],
               svd.angle_bounds[k]);
  fmt::print("{}: {} products for d = {}, {:.2f} s\n", a.out, products, y.numel(), seconds.count());
}

void Run(const Arguments& a, const SharedFlags& flags) {
  const std::vector<double> sigmas = ReadSigmas(a.sigma, a.sigma_scale);
  if (sigmas.size() != 1) throw UsageError("--sigma: expected one number, found '{}'", a.sigma);
  if (a.top < 0) throw UsageError("--top: expected a number >= 1, found {}", a.top);
  if (a.top > 0 && (a.type != "float32" || a.engine != "auto"))
    throw UsageError("--top: matrix-free in float32, without --dtype and --engine");
  if (std::filesystem::exists(a.out) && !flags.force)
    throw Error("file '{}': exists, use --force to replace it", a.out);
  const auto type = a.type == "float64" ? torch::kFloat64 : torch::kFloat32;
  const torch::Tensor y = ReadImage(a.input, type);
  const OpenedModel model =
      OpenModel(a.model, a.model.Linear() ? LoadTrainingReference(a.data) : TrainingReference());
  model.denoiser->SetType(type);
  if (a.top > 0) return RunLeading(a, *model.denoiser, y, sigmas[0], flags);
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
  command->add_option("--top",
                      a->top,
                      "so many leading eigenpairs of sym(J) and singular triplets of J instead, "
                      "matrix-free, to an NPZ file");
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
