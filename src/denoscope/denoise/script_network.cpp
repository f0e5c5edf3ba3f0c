#include "denoscope/denoise/script_network.h"

#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/denoise/script_source.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/zip.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

// Torch's messages carry stack traces: what a person can use is the line that states the error.
std::string FirstCause(const std::string& what) {
  const std::string mark = "RuntimeError: ";
  const std::size_t raised = what.rfind(mark);
  const std::string text = raised == std::string::npos ? what : what.substr(raised + mark.size());
  return text.substr(0, text.find('\n'));
}

class ScriptNetwork final : public Network {
 public:
  ScriptNetwork(std::string path, torch::jit::Module module)
      : path_(std::move(path)), module_(std::move(module)) {
    module_.eval();
    for (torch::Tensor p : module_.parameters()) p.requires_grad_(false);
    for (const auto& p : module_.named_parameters()) CheckWeightIsFinite(p.value, path_, p.name);
    for (const auto& b : module_.named_buffers()) CheckWeightIsFinite(b.value, path_, b.name);
    traits_.architecture = "torchscript";
    CheckForward();
    FindShapes();
  }

  const NetworkTraits& Traits() const override { return traits_; }

  torch::Tensor Run(const torch::Tensor& x, const torch::Tensor& sigma) const override {
    // Without the optimizer nothing is specialised to a shape and compiled again for the next.
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    std::vector<torch::jit::IValue> inputs = {x};
    if (traits_.takes_sigma) inputs.emplace_back(sigma);
    try {
      return module_.forward(std::move(inputs)).toTensor();
    } catch (const std::exception& e) {
      throw Error("torchscript '{}': forward failed for an input of shape {}: {}",
                  path_,
                  ShapeText(ShapeOf(x)),
                  FirstCause(e.what()));
    }
  }

  void SetType(torch::ScalarType type) override {
    module_.to(type);
    torch::NoGradGuard no_gradient;
    for (torch::Tensor p : module_.parameters())
      if (p.dim() == 4) p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
  }

  std::map<std::string, Array> Weights() const override {
    std::map<std::string, Array> weights;
    for (const auto& p : module_.named_parameters()) Keep(weights, p.name, p.value);
    for (const auto& b : module_.named_buffers()) Keep(weights, b.name, b.value);
    return weights;
  }

  std::int64_t ParameterCount() const override {
    std::int64_t count = 0;
    for (const torch::Tensor& p : module_.parameters()) count += p.numel();
    return count;
  }

  const torch::jit::Module& Module() const { return module_; }
  const std::string& Path() const { return path_; }

 private:
  static void Keep(std::map<std::string, Array>& weights,
                   const std::string& name,
                   const torch::Tensor& value) {
    weights[name] = ToArray(value.is_floating_point() ? value.to(torch::kFloat32) : value);
  }

  void CheckForward() {
    const auto forward = module_.find_method("forward");
    if (!forward)
      throw Error("torchscript '{}': expected a method forward(x) or forward(x, sigma), found none",
                  path_);
    const c10::FunctionSchema& schema = forward->function().getSchema();
    std::vector<c10::Argument> needed;
    for (std::size_t i = 1; i < schema.arguments().size(); ++i)
      if (!schema.arguments()[i].default_value()) needed.push_back(schema.arguments()[i]);
    const bool tensors =
        std::all_of(needed.begin(), needed.end(), [](const c10::Argument& argument) {
          return argument.type()->isSubtypeOf(*c10::TensorType::get());
        });
    const bool one_result = schema.returns().size() == 1 &&
                            schema.returns()[0].type()->isSubtypeOf(*c10::TensorType::get());
    if (needed.empty() || needed.size() > 2 || !tensors || !one_result)
      throw Error(
          "torchscript '{}': expected forward(x) or forward(x, sigma) of tensors with a tensor as "
          "result, found {}",
          path_,
          c10::toString(schema));
    traits_.takes_sigma = needed.size() == 2;
  }

  // Empty when an image of this shape comes back with the same shape, or with a channel less, else
  // why not.
  std::string Trouble(std::int64_t channels, std::int64_t H, std::int64_t W) const {
    const torch::NoGradGuard no_gradient;
    const torch::Tensor x = torch::full({1, channels, H, W}, 0.5);
    try {
      const torch::Tensor y = Run(x, torch::full({1}, 0.1));
      if (y.sizes() == x.sizes()) return "";
      const std::vector<std::int64_t> without_map = {1, channels - 1, H, W};
      if (channels > 1 && y.sizes() == torch::IntArrayRef(without_map)) return "";
      return fmt::format("torchscript '{}': an input of shape {} gives an output of shape {}",
                         path_,
                         ShapeText(ShapeOf(x)),
                         ShapeText(ShapeOf(y)));
    } catch (const Error& e) {
      return e.what();
    }
  }

  // Sides of images to try, among them those whose pixels a matrix of the module takes all at once.
  std::vector<std::int64_t> Sides() const {
    std::vector<std::int64_t> sides = {64, 32, 28, 40, 128, 256, 16, 20, 24, 36, 48, 96, 112, 224};
    for (const torch::Tensor& p : module_.parameters())
      for (std::int64_t channels = 1; p.dim() == 2 && channels <= 4; ++channels) {
        const std::int64_t side = std::lround(std::sqrt(p.size(1) / channels));
        if (side > 0 && channels * side * side == p.size(1)) sides.push_back(side);
      }
    return sides;
  }

  void FindShapes() {
    std::set<std::int64_t> candidates = {1, 2, 3, 4, 5};
    for (const torch::Tensor& p : module_.parameters())
      if (p.dim() == 4) {
        candidates.insert(p.size(1));
        break;
      }
    std::string trouble, other_shape;  // an image that passes says more than one that does not
    for (const std::int64_t side : Sides()) {
      std::vector<std::int64_t> fitting;
      for (const std::int64_t channels : candidates) {
        std::string why = Trouble(channels, side, side);
        if (why.empty()) fitting.push_back(channels);
        const bool passes = why.find("gives an output of shape") != std::string::npos;
        std::string& first = passes ? other_shape : trouble;
        if (first.empty()) first = why;
      }
      if (fitting.empty()) continue;
      FindChannels(fitting, side);
      FindSizeMultiple(fitting[0], side);
      return;
    }
    if (!other_shape.empty()) throw Error("{}", other_shape);
    throw Error("{} (nor does any other image of 1 to 5 channels pass)", trouble);
  }

  void FindChannels(const std::vector<std::int64_t>& fitting, std::int64_t side) {
    if (fitting.size() > 1) {
      traits_.input_channels = traits_.output_channels = 0;
      return;
    }
    const torch::NoGradGuard no_gradient;
    const torch::Tensor x = torch::full({1, fitting[0], side, side}, 0.5);
    traits_.input_channels = fitting[0];
    traits_.output_channels = Run(x, torch::full({1}, 0.1)).size(1);
  }

  void FindSizeMultiple(std::int64_t channels, std::int64_t side) {
    for (const std::int64_t multiple : {1, 2, 4, 8, 16, 32, 64}) {
      const std::int64_t odd = (33 / multiple) | 1;  // odd multiples do not pass by luck
      if (!Trouble(channels, odd * multiple, (odd + 2) * multiple).empty()) continue;
      traits_.size_multiple = multiple;
      return;
    }
    traits_.fixed_shape = ImageShape{traits_.output_channels, side, side};
  }

  std::string path_;
  mutable torch::jit::Module module_;
  NetworkTraits traits_;
};

torch::jit::Module NewModule(const torch::jit::Module* root) {
  auto unit =
      root ? root->_ivalue()->compilation_unit() : std::make_shared<torch::jit::CompilationUnit>();
  torch::jit::Module module(c10::QualifiedName("__torch__.denoscope.Part"), unit, true);
  // Python's eval() sets it.
  module.register_attribute("training", c10::BoolType::get(), false);
  return module;
}

void RegisterParameter(const torch::jit::Module& root, std::string name, const Array& value) {
  torch::jit::Module parent = root;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
    const std::string key = name.substr(0, dot);
    if (!parent.hasattr(key)) parent.register_module(key, NewModule(&root));
    parent = parent.attr(key).toModule();
    name = name.substr(dot + 1);
  }
  parent.register_parameter(name, ToTensor(value), /*is_buffer=*/false);
}

std::string Saved(const torch::jit::Module& module, const fs::path& path) {
  std::ostringstream stream;
  try {
    module.save(stream);
  } catch (const std::exception& e) {
    throw Error("torchscript '{}': cannot be made: {}", path.string(), FirstCause(e.what()));
  }
  return stream.str();
}

}  // namespace

bool IsTorchScript(const fs::path& path) {
  const auto source = OpenFile(path);
  if (source->Size() < 4 || source->Read(0, 4) != "PK\x03\x04") return false;
  const ZipArchive archive(source);
  return std::any_of(archive.Entries().begin(), archive.Entries().end(), [](const ZipEntry& e) {
    return e.name.find("/code/") != std::string::npos;
  });
}

std::shared_ptr<Network> LoadScriptNetwork(const fs::path& path) {
  try {
    return std::make_shared<ScriptNetwork>(path.string(), torch::jit::load(path.string()));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    throw Error("torchscript '{}': cannot be loaded: {}", path.string(), FirstCause(e.what()));
  }
}

void SaveScriptNetwork(const Network& network, const fs::path& path) {
  const auto* script = dynamic_cast<const ScriptNetwork*>(&network);
  if (script == nullptr)
    throw Error("torchscript '{}': expected a TorchScript network, found architecture {}",
                path.string(),
                network.Traits().architecture);
  WriteFile(path, Saved(script->Module(), path));
}

std::shared_ptr<Network> ScriptWithWeights(const Network& network,
                                           const std::map<std::string, Array>& weights) {
  const auto* script = dynamic_cast<const ScriptNetwork*>(&network);
  if (script == nullptr) return nullptr;
  torch::jit::Module copy = script->Module().deepcopy();
  const torch::NoGradGuard no_gradient;
  for (const auto& p : copy.named_parameters()) {
    torch::Tensor value = p.value;
    value.copy_(ToTensor(weights.at(p.name)));
  }
  return std::make_shared<ScriptNetwork>("copy of " + script->Path(), std::move(copy));
}

void ExportTorchScript(const NetworkDenoiser& denoiser, const fs::path& path) {
  torch::jit::Module module = NewModule(nullptr);
  if (const auto* script = dynamic_cast<const ScriptNetwork*>(denoiser.Wrapped().get()))
    module.register_module("network", script->Module());
  else
    for (const auto& [name, array] : denoiser.Wrapped()->Weights())
      RegisterParameter(module, name, array);
  module.define(DenoiserSource(denoiser));
  WriteFile(path, Saved(module, path));
}

}  // namespace denoscope
