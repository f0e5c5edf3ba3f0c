#include "denoscope/models/inspection.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/data/noise.h"
#include "denoscope/image/tensors.h"
#include "denoscope/training/validation.h"

namespace denoscope {
namespace {

// A grey image with noise, of a size that the denoiser takes, about `side` pixels wide.
torch::Tensor ProbeImage(const DenoiserTraits& traits, std::int64_t side, std::uint64_t seed) {
  const std::int64_t m = traits.size_multiple, fitting = (side + m - 1) / m * m;
  const std::int64_t H = traits.fixed_shape ? traits.fixed_shape->H : fitting;
  const std::int64_t W = traits.fixed_shape ? traits.fixed_shape->W : fitting;
  const std::int64_t C = std::max<std::int64_t>(traits.channels, 1);
  return 0.5 + 0.1 * StandardNoise({1, C, H, W}, seed, "inspect/image");
}

constexpr double kProbeSigma = 0.1;

// |D(3y) - 3 D(y)| / |3 D(y)|
double HomogeneityDefect(const Denoiser& denoiser, const torch::Tensor& y) {
  const at::NoGradGuard no_gradient;
  const torch::Tensor thrice = 3 * denoiser.Denoise(y, kProbeSigma);
  return ((denoiser.Denoise(3 * y, kProbeSigma) - thrice).norm() / thrice.norm()).item<double>();
}

// The side of the square around the centre pixel outside which its gradient is exactly zero; none
// when that reaches the image's border. A lower bound: a unit that is off passes no gradient.
std::optional<std::int64_t> MeasuredReceptiveField(const Denoiser& denoiser, torch::Tensor y) {
  y.requires_grad_(true);
  const std::int64_t row = y.size(2) / 2, column = y.size(3) / 2;
  const torch::Tensor pixel = denoiser.Denoise(y, kProbeSigma)[0][0][row][column];
  if (!pixel.requires_grad())
    throw Error("denoiser '{}': its output has no derivative", denoiser.Traits().name);
  const torch::Tensor support =
      torch::autograd::grad({pixel}, {y})[0][0].abs().sum(0).nonzero();  // (n,2)
  if (support.size(0) == 0) return 1;
  const torch::Tensor distance = (support - at::tensor({row, column}, at::kLong)).abs();
  const auto radius = distance.max().item<std::int64_t>();
  const std::int64_t room = std::min(y.size(2) - row, y.size(3) - column) - 1;
  if (radius >= room) return std::nullopt;
  return 2 * radius + 1;
}

std::string LayerText(const Layer& l) {
  std::string text =
      fmt::format("{:<28} {:<13}", l.name.empty() ? "-" : l.name, NameOf(l.operation));
  if (l.operation == Operation::kNormalisation)
    return text + fmt::format(" {} channels in {} groups", l.out, l.groups);
  if (l.operation == Operation::kLinear)
    return text + fmt::format(" {0} -> {0}, bias", l.in * l.H * l.W);
  if (l.operation != Operation::kConvolution && l.operation != Operation::kTransposed)
    return text + fmt::format(" {} channels", l.out);
  text += fmt::format(" {} -> {}, {}x{}", l.in, l.out, l.kernel, l.kernel);
  if (l.stride > 1) text += fmt::format(", stride {}", l.stride);
  if (l.dilation > 1) text += fmt::format(", dilation {}", l.dilation);
  if (l.bias) text += ", bias";
  return text;
}

Json Layers(const Network& network) {
  Json layers = Json::array();
  if (const auto* table = dynamic_cast<const TableNetwork*>(&network)) {
    for (const Layer& layer : table->Table().Layers()) layers.push_back(LayerText(layer));
    return layers;
  }
  for (const auto& [name, array] : network.Weights())
    layers.push_back(fmt::format("{:<28} tensor        {}", name, ShapeText(array.shape)));
  return layers;
}

// What every denoiser has.
Json Describe(const Denoiser& denoiser, const torch::Tensor& probe) {
  const DenoiserTraits& traits = denoiser.Traits();
  Json r = {{"name", traits.name},
            {"channels", traits.channels},
            {"size_multiple", traits.size_multiple},
            {"homogeneous", traits.homogeneous},
            {"homogeneity_defect", HomogeneityDefect(denoiser, probe)}};
  if (traits.fixed_shape) r["fixed_size"] = {traits.fixed_shape->H, traits.fixed_shape->W};
  if (traits.trained_sigmas)
    r["trained_sigmas"] = {traits.trained_sigmas->low, traits.trained_sigmas->high};
  return r;
}

Json Describe(const LoadedModel& model, std::uint64_t seed) {
  const DenoiserTraits& traits = model.denoiser->Traits();
  const Network& network = *model.denoiser->Wrapped();
  const Parameterisation& reading = model.denoiser->Reading();
  Json r = Describe(*model.denoiser, ProbeImage(traits, 32, seed));
  r["architecture"] = network.Traits().architecture;
  r["parameters"] = model.parameters;
  r["sha256"] = model.sha256;
  r["notes"] = model.notes;
  AddToJson(reading, r);
  r["sigma_input_text"] = SigmaInputText(reading);
  const bool known = network.Traits().architecture != "torchscript";
  const auto field = known ? traits.receptive_field
                           : MeasuredReceptiveField(*model.denoiser, ProbeImage(traits, 96, seed));
  r["receptive_field"] = field ? Json(*field) : Json();
  r["receptive_field_from"] = known ? "architecture" : "gradient of one pixel";
  r["layers"] = Layers(network);
  return r;
}

}  // namespace

InspectedModel InspectNetwork(LoadedModel model,
                              const TrainingReference& reference,
                              std::uint64_t seed) {
  const DenoiserTraits& traits = model.denoiser->Traits();
  InspectedModel inspected{
      nullptr, Describe(model, seed), ProbeImage(traits, 16, seed)[0], kProbeSigma};
  if (const auto trained = traits.trained_sigmas)
    inspected.sigma = std::clamp(kProbeSigma, trained->low, trained->high);
  inspected.denoiser = std::move(model.denoiser);
  inspected.trained_on = ImagesTrainedOn(model.description.training, reference);
  return inspected;
}

InspectedModel InspectLinear(OpenedModel model,
                             const TrainingReference& reference,
                             std::uint64_t seed) {
  const ImageShape shape = reference.shape;
  const torch::Tensor mean = ToTensor(Eigen::MatrixXd(reference.pca->mean));
  InspectedModel inspected{
      nullptr,
      Describe(*model.denoiser, ProbeImage(model.denoiser->Traits(), 32, seed)),
      mean.view({shape.C, shape.H, shape.W}),
      std::sqrt(reference.pca->eigenvalues[0])};
  inspected.description.update(model.identity);
  inspected.trained_on = model.identity["n"].get<std::int64_t>();
  inspected.denoiser = std::move(model.denoiser);
  return inspected;
}

std::vector<double> SigmasToJudgeAt(const DenoiserTraits& traits) {
  const auto& trained = traits.trained_sigmas;
  if (!trained) return ReferenceSigmas();
  const std::vector<double> sigmas = ReferenceSigmasWithin(*trained);
  return sigmas.empty() ? std::vector<double>{trained->low, trained->high} : sigmas;
}

}  // namespace denoscope
