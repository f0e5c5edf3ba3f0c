// denoscope jacobian: the whole Jacobian at one image, to an NPY file.
#include <fmt/format.h>

#include <chrono>

#include "denoscope/base/error.h"
#include "denoscope/files/npy.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "tools/command.h"
#include "tools/model_argument.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  std::string data = "fashion-mnist", input, sigma, type = "float32", out;
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
  const auto start = std::chrono::steady_clock::now();
  const JacobianAt at = DenseJacobian(*model.denoiser, y, sigmas[0], a.options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  WriteNpy(a.out, ToArray(at.J));
  const double trace = at.J.trace().item<double>();
  const double asymmetry = ((at.J - at.J.t()).norm() / at.J.norm()).item<double>();
  if (flags.json)
    fmt::print("{}\n",
               Json({{"out", a.out},
                     {"d", y.numel()},
                     {"trace", trace},
                     {"asymmetry", asymmetry},
                     {"seconds", seconds.count()}})
                   .dump(2));
  else
    fmt::print("{}: J of {} x {} {}, trace {:.4f}, asymmetry {:.4f}, {:.2f} s\n",
               a.out,
               y.numel(),
               y.numel(),
               a.type,
               trace,
               asymmetry,
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
  command->add_option("--block", a->options.block, "rows a backward")->capture_default_str();
  command->add_option("--out", a->out, "NPY file to write: (d,d), row = output pixel")->required();
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
