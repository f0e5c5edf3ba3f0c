// denoscope inspect: what a denoiser is, and how well it denoises.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <optional>

#include "denoscope/data/noise.h"
#include "denoscope/jacobian/self_test.h"
#include "tools/command.h"
#include "tools/error_table.h"
#include "tools/model_argument.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  DataArguments data;
  std::string sigmas;
  double sigma_scale = 1;
  bool self_test = false;
  EvaluationOptions options;
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
      fmt::format("{:<28} {:<13}", l.name.empty() ? "-" : l.name, OperationName(l.operation));
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

Json Describe(const LoadedModel& model, std::uint64_t seed) {
  const DenoiserTraits& traits = model.denoiser->Traits();
  const Network& network = *model.denoiser->Wrapped();
  const Parameterisation& reading = model.denoiser->Reading();
  Json r = {{"name", traits.name},
            {"architecture", network.Traits().architecture},
            {"parameters", model.parameters},
            {"sha256", model.sha256},
            {"notes", model.notes},
            {"prediction", PredictionName(reading.prediction)},
            {"sigma_input", SigmaInputName(reading.sigma_input)},
            {"channels", traits.channels},
            {"size_multiple", traits.size_multiple}};
  if (traits.fixed_shape) r["fixed_size"] = {traits.fixed_shape->H, traits.fixed_shape->W};
  r["homogeneous"] = traits.homogeneous;
  r["homogeneity_defect"] = HomogeneityDefect(*model.denoiser, ProbeImage(traits, 32, seed));
  const bool known = network.Traits().architecture != "torchscript";
  const auto field = known ? traits.receptive_field
                           : MeasuredReceptiveField(*model.denoiser, ProbeImage(traits, 96, seed));
  r["receptive_field"] = field ? Json(*field) : Json();
  r["receptive_field_from"] = known ? "architecture" : "gradient of one pixel";
  if (traits.trained_sigmas)
    r["trained_sigmas"] = {traits.trained_sigmas->low, traits.trained_sigmas->high};
  r["layers"] = Layers(network);
  return r;
}

void Print(const Json& r) {
  const auto line = [](const std::string& key, const std::string& value) {
    fmt::print("{:<16} {}\n", key, value);
  };
  const auto text = [&](const char* key) { return r[key].get<std::string>(); };
  line("name", text("name"));
  line("architecture", text("architecture"));
  line("parameters", std::to_string(r["parameters"].get<std::int64_t>()));
  line("sha256", text("sha256"));
  for (const Json& note : r["notes"]) line("note", note.get<std::string>());
  line("output read as", text("prediction"));
  line("sigma input", text("sigma_input"));
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
  line("receptive field", ReceptiveFieldText(r));
  if (r.contains("trained_sigmas"))
    line("trained on",
         fmt::format("sigma {:.4g} to {:.4g}",
                     r["trained_sigmas"][0].get<double>(),
                     r["trained_sigmas"][1].get<double>()));
  fmt::print("\n");
  for (const Json& layer : r["layers"]) fmt::print("{}\n", layer.get<std::string>());
}

// Around a small random image, at a noise level that it was trained on.
SelfTest RunSelfTest(NetworkDenoiser& denoiser, std::uint64_t seed) {
  const auto trained = denoiser.Traits().trained_sigmas;
  const double sigma = trained ? std::clamp(kProbeSigma, trained->low, trained->high) : kProbeSigma;
  SelfTestOptions options;
  options.seed = seed;
  return TestJacobian(denoiser, ProbeImage(denoiser.Traits(), 16, seed)[0], sigma, options);
}

std::string OutcomeText(SelfTestCheck::Outcome outcome) {
  if (outcome == SelfTestCheck::Outcome::kNotPossible) return "not done";
  return outcome == SelfTestCheck::Outcome::kPassed ? "passed" : "FAILED";
}

Json SelfTestJson(const SelfTest& test) {
  Json checks = Json::array();
  for (const SelfTestCheck& check : test.checks) {
    Json worst = Json::array();
    for (const Disagreement& d : check.worst)
      worst.push_back({{"row", d.row}, {"column", d.column}, {"values", {d.first, d.second}}});
    checks.push_back({{"check", check.name},
                      {"method", check.method},
                      {"outcome", OutcomeText(check.outcome)},
                      {"error", check.error},
                      {"tolerance", check.tolerance},
                      {"note", check.note},
                      {"worst", worst}});
  }
  return {{"sigma", test.sigma}, {"passed", test.Passed()}, {"checks", checks}};
}

void PrintSelfTest(const SelfTest& test) {
  fmt::print("\nself-test at sigma {:.4g}\n", test.sigma);
  fmt::print("{:<21} {:<9} {:>8}  {:>9}  of\n", "check", "", "error", "tolerance");
  for (const SelfTestCheck& check : test.checks) {
    const bool done = check.outcome != SelfTestCheck::Outcome::kNotPossible;
    fmt::print("{:<21} {:<9} {:>8}  {:>9}  {}\n",
               check.name,
               OutcomeText(check.outcome),
               done ? fmt::format("{:.1e}", check.error) : "-",
               done ? fmt::format("{:.1e}", check.tolerance) : "-",
               check.method);
    if (!check.note.empty()) fmt::print("{:<52} {}\n", "", check.note);
    for (const Disagreement& d : check.worst)
      fmt::print("{:<52} J({},{}): {:.9g} and {:.9g}\n", "", d.row, d.column, d.first, d.second);
  }
}

void Run(const Arguments& a, const SharedFlags& flags) {
  const LoadedModel model = OpenNetwork(a.model);
  Json result = Describe(model, flags.seed);
  std::vector<Evaluation> evaluations;
  if (!a.sigmas.empty()) {
    EvaluationOptions options = a.options;
    options.seed = flags.seed;
    const ImageSet images = LoadImages(a.data, model.denoiser->Traits());
    evaluations = EvaluateAll(*model.denoiser,
                              LoadTrainingReference(a.data.data),
                              images,
                              ReadSigmas(a.sigmas, a.sigma_scale),
                              0,
                              options,
                              ProgressLine(flags));
    result["errors"] = ErrorJson(evaluations);
  }
  std::optional<SelfTest> test;
  if (a.self_test) {
    test = RunSelfTest(*model.denoiser, flags.seed);
    result["self_test"] = SelfTestJson(*test);
  }
  if (flags.json) {
    fmt::print("{}\n", result.dump(2));
  } else {
    Print(result);
    if (!evaluations.empty()) fmt::print("\n{}", ErrorTable(evaluations));
    if (test) PrintSelfTest(*test);
  }
  if (test && !test->Passed())
    throw Error("self-test of '{}': failed, the Jacobian is not the derivative of the denoiser",
                model.denoiser->Traits().name);
}

}  // namespace

void AddInspectCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command =
      program.add_subcommand("inspect", "what a denoiser is: layers, traits, error by noise level");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(*command, a->model);
  AddDataFlags(*command, a->data);
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
