// denoscope inspect: what a denoiser is, and how well it denoises.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "denoscope/data/noise.h"
#include "denoscope/image/tensors.h"
#include "denoscope/training/trainer.h"
#include "denoscope/verdict/verdict.h"
#include "tools/command.h"
#include "tools/error_table.h"
#include "tools/model_argument.h"
#include "tools/self_test_report.h"
#include "tools/verdict_report.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  DataArguments data;
  std::string sigmas;
  double sigma_scale = 1;
  bool self_test = false, verdict = false;
  EvaluationOptions options;
};

// What is looked at: a network, or a denoiser fitted to the training split.
struct Subject {
  std::unique_ptr<Denoiser> denoiser;
  Json description;
  torch::Tensor image;          // (C,H,W), clean: the self-test is made around it,
  double sigma = 0;             // at this noise level
  std::int64_t trained_on = 0;  // the first images of the training split; 0: not known
};

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

std::string ReceptiveFieldText(const Json& r) {
  if (r["receptive_field"].is_null()) return "not local, as far as was looked";
  const auto side = r["receptive_field"].get<std::int64_t>();
  return fmt::format("{0} x {0} pixels{1}",
                     side,
                     r["receptive_field_from"] == "architecture" ? "" : " or more (measured)");
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

// Tested around a small random image, at a noise level that it was trained on.
Subject NetworkSubject(const Arguments& a, const TrainingReference& reference, std::uint64_t seed) {
  LoadedModel model = OpenNetwork(a.model);
  const DenoiserTraits& traits = model.denoiser->Traits();
  Subject subject{nullptr, Describe(model, seed), ProbeImage(traits, 16, seed)[0], kProbeSigma};
  if (const auto trained = traits.trained_sigmas)
    subject.sigma = std::clamp(kProbeSigma, trained->low, trained->high);
  subject.denoiser = std::move(model.denoiser);
  subject.trained_on = ImagesTrainedOn(model.description.training, reference);
  return subject;
}

// Tested where its derivative is not nearly 0 or 1: around the mean image, with the noise that half
// resolves the leading mode.
Subject LinearSubject(const Arguments& a, const TrainingReference& reference, std::uint64_t seed) {
  OpenedModel model = OpenModel(a.model, reference);
  const ImageShape shape = reference.shape;
  const torch::Tensor mean = ToTensor(Eigen::MatrixXd(reference.pca->mean));
  Subject subject{nullptr,
                  Describe(*model.denoiser, ProbeImage(model.denoiser->Traits(), 32, seed)),
                  mean.view({shape.C, shape.H, shape.W}),
                  std::sqrt(reference.pca->eigenvalues[0])};
  subject.description.update(model.identity);
  subject.trained_on = model.identity["n"].get<std::int64_t>();
  subject.denoiser = std::move(model.denoiser);
  return subject;
}

void Print(const Json& r) {
  const auto line = [](const std::string& key, const std::string& value) {
    fmt::print("{:<16} {}\n", key, value);
  };
  const auto text = [&](const char* key) { return r[key].get<std::string>(); };
  line("name", text("name"));
  if (r.contains("architecture")) line("architecture", text("architecture"));
  line("parameters", std::to_string(r["parameters"].get<std::int64_t>()));
  line("sha256", text("sha256"));
  if (r.contains("n"))
    line("fitted to", fmt::format("{} images of the training split", r["n"].get<std::int64_t>()));
  if (r.contains("rank")) line("rank", std::to_string(r["rank"].get<std::int64_t>()));
  for (const Json& note : r.value("notes", Json::array())) line("note", note.get<std::string>());
  if (r.contains("prediction")) line("output read as", text("prediction"));
  if (r.contains("sigma_input_text")) line("sigma input", text("sigma_input_text"));
  if (r.contains("value_range"))
    line("pixels",
         fmt::format("on {:g} to {:g}{}",
                     r["value_range"][0].get<double>(),
                     r["value_range"][1].get<double>(),
                     r.value("clamp_input", false) ? ", clamped" : ""));
  else if (r.value("clamp_input", false))
    line("pixels", "clamped to 0 to 1");
  const auto channels = r["channels"].get<std::int64_t>();
  line("channels", channels > 0 ? std::to_string(channels) : "any number");
  if (r.contains("fixed_size"))
    line("size", fmt::format("{} alone", r["fixed_size"].dump()));
  else if (r["size_multiple"] == 1)
    line("size", "any");
  else
    line("size", fmt::format("multiples of {}", r["size_multiple"].get<std::int64_t>()));
  line("homogeneous",
       fmt::format("{}; |D(3y) - 3D(y)| / |3D(y)| = {:.1e} at a random image",
                   r["homogeneous"].get<bool>() ? "yes, by construction" : "not by construction",
                   r["homogeneity_defect"].get<double>()));
  if (r.contains("receptive_field")) line("receptive field", ReceptiveFieldText(r));
  if (r.contains("trained_sigmas"))
    line("trained on",
         fmt::format("sigma {:.4g} to {:.4g}",
                     r["trained_sigmas"][0].get<double>(),
                     r["trained_sigmas"][1].get<double>()));
  if (!r.contains("layers")) return;
  fmt::print("\n");
  for (const Json& layer : r["layers"]) fmt::print("{}\n", layer.get<std::string>());
}

// The noise levels asked for, else those of reference that it was trained on.
std::vector<double> VerdictSigmas(const Arguments& a, const DenoiserTraits& traits) {
  std::vector<double> sigmas;
  if (!a.sigmas.empty()) {
    sigmas = ReadSigmas(a.sigmas, a.sigma_scale);
    if (sigmas.empty()) throw UsageError("--verdict: expected noise levels, found '{}'", a.sigmas);
    return sigmas;
  }
  for (const double sigma : ReferenceSigmas()) {
    const auto& trained = traits.trained_sigmas;
    if (!trained || (sigma >= trained->low && sigma <= trained->high)) sigmas.push_back(sigma);
  }
  if (sigmas.empty()) sigmas = {traits.trained_sigmas->low, traits.trained_sigmas->high};
  return sigmas;
}

Verdict MakeVerdict(const Arguments& a,
                    const Subject& subject,
                    const TrainingReference& reference,
                    const SharedFlags& flags) {
  const Denoiser& denoiser = *subject.denoiser;
  const ImageSet images = LoadImages(a.data, denoiser.Traits(), ProgressLine(flags));
  if (images.Count() < 2)
    throw UsageError("--verdict: expected a set of images, found one photo, '{}'", a.data.data);
  VerdictOptions options;
  options.evaluation.images = std::min(a.options.images, options.evaluation.images);
  options.evaluation.seed = flags.seed;
  std::optional<ImageSet> training = reference.images;
  if (training && subject.trained_on > 0 && subject.trained_on < training->Count())
    training = training->Subset(0, subject.trained_on);
  return VerdictOn(denoiser,
                   {images, training ? &*training : nullptr, reference.pca},
                   VerdictSigmas(a, denoiser.Traits()),
                   options,
                   ProgressLine(flags));
}

void Run(const Arguments& a, const SharedFlags& flags) {
  TrainingReference reference;
  if (a.model.Linear() || a.verdict || !a.sigmas.empty())
    reference = LoadTrainingReference(a.data.data, ProgressLine(flags));
  const Subject subject = a.model.Linear() ? LinearSubject(a, reference, flags.seed)
                                           : NetworkSubject(a, reference, flags.seed);
  Denoiser& denoiser = *subject.denoiser;
  Json result = subject.description;
  ErrorReport errors;
  std::optional<Verdict> verdict;
  const std::vector<double> given =
      a.sigmas.empty() ? std::vector<double>() : ReadSigmas(a.sigmas, a.sigma_scale);
  Warn(OutsideTraining(denoiser.Traits(), given));
  if (a.verdict) {
    verdict = MakeVerdict(a, subject, reference, flags);
    result["verdict"] = VerdictJson(*verdict);
  } else if (!given.empty()) {
    EvaluationOptions options = a.options;
    options.seed = flags.seed;
    errors.evaluations = EvaluateAll(denoiser,
                                     reference,
                                     LoadImages(a.data, denoiser.Traits(), ProgressLine(flags)),
                                     given,
                                     0,
                                     options,
                                     ProgressLine(flags));
    result["errors"] = ErrorJson(errors);
  }
  std::optional<SelfTest> test;
  if (a.self_test) {
    SelfTestOptions options;
    options.seed = flags.seed;
    test = TestJacobian(denoiser, subject.image, subject.sigma, options);
    result["self_test"] = SelfTestJson(*test);
  }
  if (flags.json) {
    fmt::print("{}\n", result.dump(2));
  } else {
    Print(result);
    if (!errors.evaluations.empty()) fmt::print("\n{}", ErrorTable(errors));
    if (test) PrintSelfTest(*test);
    if (verdict) fmt::print("\n{}", VerdictText(*verdict));
  }
  if (test && !test->Passed())
    throw Error("self-test of '{}': failed, the Jacobian is not the derivative of the denoiser",
                denoiser.Traits().name);
}

}  // namespace

void AddInspectCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand(
      "inspect", "what a denoiser is: layers, traits, error by noise level, and a verdict on it");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(*command, a->model);
  AddDataFlags(*command, a->data);
  command->add_flag("--verdict",
                    a->verdict,
                    "is it a denoiser of these images, read the right way, near an optimum? In "
                    "plain words, with numbers");
  command->add_option("--sigmas", a->sigmas, "noise levels at which the error is measured");
  command->add_option("--sigma-scale", a->sigma_scale, "divides every sigma given")
      ->capture_default_str();
  command->add_option("--evaluation-images", a->options.images, "the first of the split")
      ->capture_default_str();
  command->add_flag("--self-test",
                    a->self_test,
                    "is the Jacobian the derivative? Rows, columns, differences, adjoints, SURE");
  AddSharedFlags(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
