#include "denoscope/denoise/script_network.h"

#include <torch/script.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/denoise/table_network.h"
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

  // Empty when an image of this shape comes back with the same shape, else why not.
  std::string Trouble(std::int64_t channels, std::int64_t H, std::int64_t W) const {
    const torch::NoGradGuard no_gradient;
    const torch::Tensor x = torch::full({1, channels, H, W}, 0.5);
    try {
      const torch::Tensor y = Run(x, torch::full({1}, 0.1));
      if (y.sizes() == x.sizes()) return "";
      return fmt::format("torchscript '{}': an input of shape {} gives an output of shape {}",
                         path_,
                         ShapeText(ShapeOf(x)),
                         ShapeText(ShapeOf(y)));
    } catch (const Error& e) {
      return e.what();
    }
  }

  void FindShapes() {
    std::set<std::int64_t> candidates = {1, 2, 3, 4};
    for (const torch::Tensor& p : module_.parameters())
      if (p.dim() == 4) {
        candidates.insert(p.size(1));
        break;
      }
    std::string trouble;
    for (const std::int64_t side : {64, 32, 28, 40, 128, 256}) {
      std::vector<std::int64_t> fitting;
      for (const std::int64_t channels : candidates) {
        std::string why = Trouble(channels, side, side);
        if (why.empty()) fitting.push_back(channels);
        if (trouble.empty()) trouble = why;
      }
      if (fitting.empty()) continue;
      traits_.input_channels = traits_.output_channels = fitting.size() == 1 ? fitting[0] : 0;
      FindSizeMultiple(fitting[0], side);
      return;
    }
    throw Error("{} (nor does any other image of 1 to 4 channels pass)", trouble);
  }

  void FindSizeMultiple(std::int64_t channels, std::int64_t side) {
    for (const std::int64_t multiple : {1, 2, 4, 8, 16, 32, 64}) {
      const std::int64_t odd = (33 / multiple) | 1;  // odd multiples do not pass by luck
      if (!Trouble(channels, odd * multiple, (odd + 2) * multiple).empty()) continue;
      traits_.size_multiple = multiple;
      return;
    }
    traits_.fixed_side = side;
  }

  std::string path_;
  mutable torch::jit::Module module_;
  NetworkTraits traits_;
};

std::string Literal(double value) {
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

// "down.0.conv1.weight" read from self; a part that is no identifier goes through getattr.
std::string Attribute(const std::string& name) {
  std::string expression = "self";
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    const bool number = !part.empty() && part[0] >= '0' && part[0] <= '9';
    expression =
        number ? fmt::format("getattr({}, \"{}\")", expression, part) : expression + "." + part;
    begin = end + 1;
  }
  return expression;
}

std::string Pair(std::int64_t n) { return fmt::format("[{0}, {0}]", n); }

std::string Expression(const Layer& l) {
  const auto value = [&](std::size_t i) { return fmt::format("v{}", l.inputs[i]); };
  const std::string weight = Attribute(l.name + ".weight");
  const std::string bias = l.bias ? Attribute(l.name + ".bias") : "None";
  const std::string x = value(0);
  const bool transposed = l.operation == Operation::kTransposed;
  switch (l.operation) {
    case Operation::kConvolution:
    case Operation::kTransposed:
      return fmt::format("torch.{}({}, {}, {}, {}, {}, {}{})",
                         transposed ? "conv_transpose2d" : "conv2d",
                         x,
                         weight,
                         bias,
                         Pair(l.stride),
                         Pair(l.padding),
                         transposed ? "[0, 0], 1, " : "",  // output padding, groups
                         Pair(l.dilation));
    case Operation::kRelu:
      return fmt::format("torch.relu({})", x);
    case Operation::kSum:
      return fmt::format("{} + {}", x, value(1));
    case Operation::kConcatenation:
      return fmt::format("torch.cat([{}, {}], 1)", x, value(1));
    case Operation::kDoubling:
      return fmt::format("torch.upsample_nearest2d({0}, [2 * {0}.size(2), 2 * {0}.size(3)])", x);
    case Operation::kScaling:
      return fmt::format(
          "{} / {} * {}", x, Attribute(l.name + ".running_sd"), Attribute(l.name + ".gammas"));
    case Operation::kPadding:
      return fmt::format(
          "torch.constant_pad_nd({0}, [0, ({1} - {0}.size(3) % {1}) % {1}, 0, "
          "({1} - {0}.size(2) % {1}) % {1}])",
          x,
          l.multiple);
    case Operation::kCropping:
      return fmt::format("{}[:, :, 0:v0.size(2), 0:v0.size(3)]", x);
  }
  throw Error("operation {}: unknown", static_cast<int>(l.operation));
}

// The network's part of the source: lines that make `output` of `v0`.
std::string NetworkSource(const Network& network) {
  const auto* table = dynamic_cast<const TableNetwork*>(&network);
  if (table == nullptr)
    return network.Traits().takes_sigma ? "  output = self.network.forward(v0, sigma)\n"
                                        : "  output = self.network.forward(v0)\n";
  std::string source;
  const std::vector<Layer>& layers = table->Table().Layers();
  for (std::size_t i = 0; i < layers.size(); ++i)
    source += fmt::format("  v{} = {}\n", i + 1, Expression(layers[i]));
  return source + fmt::format("  output = v{}\n", layers.size());
}

std::string DenoiserSource(const NetworkDenoiser& denoiser) {
  const Parameterisation& p = denoiser.Reading();
  const bool edm = p.prediction == Prediction::kEdm;
  const std::string q = Literal(p.data_rms);
  std::string source = denoiser.Traits().conditioned
                           ? "def forward(self, y: Tensor, sigma: Tensor) -> Tensor:\n"
                             "  s = sigma.to(y.dtype).reshape([-1, 1, 1, 1])\n"
                           : "def forward(self, y: Tensor) -> Tensor:\n";
  if (edm) source += fmt::format("  scale = torch.sqrt(s * s + {0} * {0})\n", q);
  source += edm ? "  v0 = y / scale\n" : "  v0 = y\n";
  if (p.sigma_input == SigmaInput::kLogMap)
    source +=
        "  v0 = torch.cat([v0, (torch.log(s) / 4).expand([y.size(0), 1, y.size(2), y.size(3)])], "
        "1)\n";
  source += NetworkSource(*denoiser.Wrapped());
  switch (p.prediction) {
    case Prediction::kX0:
      return source + "  return output\n";
    case Prediction::kResidual:
      return source + "  return y - output\n";
    case Prediction::kEdm:
      return source +
             fmt::format("  return ({0} / scale) * ({0} / scale) * y + s * {0} / scale * output\n",
                         q);
  }
  return source;
}

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
