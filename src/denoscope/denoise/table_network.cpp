#include "denoscope/denoise/table_network.h"

#include <torch/nn/init.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/denoise/batch_deviation.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

// "down.0.conv1.weight" becomes the parameter "weight" of module "conv1" of module "0" of "down".
torch::Tensor Register(torch::nn::Module* parent, std::string name, const torch::Tensor& value) {
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
    const std::string key = name.substr(0, dot);
    const auto children = parent->named_children();
    const auto* found = children.find(key);
    parent = found ? found->get()
                   : parent->register_module(key, std::make_shared<torch::nn::Module>(key)).get();
    name = name.substr(dot + 1);
  }
  return parent->register_parameter(name, value);
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

torch::Tensor FreshParameter(const Layer& layer, const std::string& name, const Shape& shape) {
  torch::Tensor value = torch::empty(shape);
  torch::NoGradGuard no_gradient;
  if (layer.operation == Operation::kScaling) return value.fill_(1);
  if (EndsWith(name, ".bias")) return value.zero_();
  if (layer.operation == Operation::kNormalisation) return value.fill_(1);
  torch::nn::init::kaiming_normal_(value, 0.0, torch::kFanIn, torch::kReLU);
  return value.mul_(layer.gain);
}

// A value that no backward reads may be overwritten: fewer pages touched, the same numbers.
bool MayOverwrite(Operation producer) {
  return producer == Operation::kConvolution || producer == Operation::kTransposed ||
         producer == Operation::kDoubling || producer == Operation::kSum;
}

// Queries and keys (B,c,H,W), values (B,C,H,W).
torch::Tensor Attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v) {
  const double scale = std::sqrt(static_cast<double>(q.size(1)));
  const torch::Tensor weights =
      torch::softmax(torch::bmm(q.flatten(2).transpose(1, 2), k.flatten(2)) / scale, -1);
  return torch::bmm(v.flatten(2), weights.transpose(1, 2)).reshape(v.sizes());
}

// w: running_sd and gammas.
torch::Tensor ScaleByBatch(const torch::Tensor& x, const std::vector<torch::Tensor>& w) {
  constexpr double kMomentum = 0.1;
  const torch::Tensor sd = BatchDeviation(x);
  {
    const torch::NoGradGuard no_gradient;
    torch::Tensor running = w[0];
    running.copy_((1 - kMomentum) * running + kMomentum * sd);
  }
  return x / sd * w[1];
}

torch::Tensor PadTo(const torch::Tensor& x, std::int64_t multiple) {
  const auto missing = [&](std::int64_t n) { return (multiple - n % multiple) % multiple; };
  return torch::constant_pad_nd(x, {0, missing(x.size(3)), 0, missing(x.size(2))});
}

}  // namespace

TableNetwork::TableNetwork(NetworkTable table)
    : table_(std::move(table)), last_use_(table_.LastUse()) {
  for (const Layer& layer : table_.Layers()) {
    weights_.emplace_back();
    for (const auto& [name, shape] : LayerParameters(layer))
      weights_.back().push_back(Register(this, name, FreshParameter(layer, name, shape)));
    if (layer.operation == Operation::kScaling) weights_.back()[0].requires_grad_(false);
  }
  eval();
  traits_.architecture = table_.Name();
  traits_.input_channels = table_.InputChannels();
  traits_.output_channels = table_.OutputChannels();
  traits_.size_multiple = table_.SizeMultiple();
  traits_.fixed_shape = table_.FixedShape();
  traits_.homogeneous = table_.Homogeneous();
  traits_.receptive_field = table_.ReceptiveField();
}

torch::Tensor TableNetwork::forward(const torch::Tensor& x) const {
  std::vector<torch::Tensor> values = {x};
  values.reserve(weights_.size() + 1);
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const Layer& layer = table_.Layers()[i];
    values.push_back(is_training() && layer.operation == Operation::kScaling
                         ? ScaleByBatch(values[layer.inputs[0]], weights_[i])
                         : Evaluate(i, values, /*may_overwrite=*/true));
    for (const std::size_t input : layer.inputs)
      if (last_use_[input] == i && input > 0) values[input] = torch::Tensor();
  }
  return values.back();
}

torch::Tensor TableNetwork::Evaluate(std::size_t index,
                                     const std::vector<torch::Tensor>& values,
                                     bool may_overwrite) const {
  const Layer& layer = table_.Layers()[index];
  const std::vector<torch::Tensor>& w = weights_[index];
  torch::Tensor x = values[layer.inputs[0]];
  const torch::Tensor bias = layer.bias ? w[1] : torch::Tensor();
  const bool in_place = may_overwrite && layer.inputs[0] > 0 &&
                        last_use_[layer.inputs[0]] == index &&
                        MayOverwrite(table_.Layers()[layer.inputs[0] - 1].operation);
  switch (layer.operation) {
    case Operation::kConvolution:
      return torch::conv2d(x, w[0], bias, layer.stride, layer.padding, layer.dilation);
    case Operation::kTransposed:
      return torch::conv_transpose2d(
          x, w[0], bias, layer.stride, layer.padding, 0, 1, layer.dilation);
    case Operation::kRelu:
      return in_place ? x.relu_() : x.relu();
    case Operation::kSum:
      return in_place ? x.add_(values[layer.inputs[1]]) : x + values[layer.inputs[1]];
    case Operation::kConcatenation:
      return torch::cat({x, values[layer.inputs[1]]}, 1);
    case Operation::kDoubling:
      return torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    case Operation::kPooling:
      return torch::max_pool2d(x, layer.kernel, layer.stride);
    case Operation::kAveraging:
      return torch::avg_pool2d(x, layer.kernel, layer.stride);
    case Operation::kScaling:
      return x / w[0] * w[1];
    case Operation::kPadding:
      return PadTo(x, layer.multiple);
    case Operation::kCropping:
      return x.slice(2, 0, values[0].size(2)).slice(3, 0, values[0].size(3));
    case Operation::kSilu:
      return torch::silu(x);
    case Operation::kNormalisation:
      // Torch 1.13 has dual numbers of it in this layout alone.
      return torch::group_norm(x.contiguous(), layer.groups, w[0], w[1], kNormalisationFloor);
    case Operation::kAttention:
      return Attend(x, values[layer.inputs[1]], values[layer.inputs[2]]);
    case Operation::kLinear:
      return torch::linear(x.flatten(1), w[0], w[1]).reshape(x.sizes());
  }
  throw Error("operation {}: unknown", static_cast<int>(layer.operation));
}

void TableNetwork::SetType(torch::ScalarType type) {
  to(type);
  torch::NoGradGuard no_gradient;
  for (torch::Tensor& p : parameters())
    if (p.dim() == 4) p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
}

std::map<std::string, Array> TableNetwork::Weights() const {
  std::map<std::string, Array> weights;
  for (const auto& item : named_parameters())
    weights[item.key()] = ToArray(item.value().to(torch::kFloat32));
  return weights;
}

std::int64_t TableNetwork::ParameterCount() const {
  std::int64_t count = 0;
  for (const auto& [name, shape] : table_.Parameters()) count += ElementCount(shape);
  return count;
}

void TableNetwork::Load(const WeightsFile& file) {
  CheckWeights(table_, file.Tensors(), file.Name());
  for (const auto& [name, info] : file.Tensors()) Copy(name, file.Read(name), file.Name());
}

void TableNetwork::Load(const std::map<std::string, Array>& weights, const std::string& source) {
  TensorInfos tensors;
  for (const auto& [name, array] : weights) tensors[name] = {array.type, array.shape};
  CheckWeights(table_, tensors, source);
  for (const auto& [name, array] : weights) Copy(name, array, source);
}

void TableNetwork::Copy(const std::string& name, const Array& array, const std::string& source) {
  torch::NoGradGuard no_gradient;
  const torch::Tensor tensor = ToTensor(array);
  CheckWeightIsFinite(tensor, source, name);
  named_parameters()[name].copy_(tensor);
}

std::vector<std::string> WeightFaults(const NetworkTable& table, const TensorInfos& tensors) {
  std::vector<std::string> faults;
  std::map<std::string, Shape> expected;
  for (const auto& [name, shape] : table.Parameters()) expected[name] = shape;
  for (const auto& [name, shape] : expected) {
    const auto found = tensors.find(name);
    if (found == tensors.end())
      faults.push_back(fmt::format("tensor '{}' {} is missing", name, ShapeText(shape)));
    else if (found->second.shape != shape)
      faults.push_back(fmt::format("tensor '{}' has shape {}, expected {}",
                                   name,
                                   ShapeText(found->second.shape),
                                   ShapeText(shape)));
    else if (!IsFloat(found->second.type))
      faults.push_back(fmt::format("tensor '{}' holds {}, expected floating-point numbers",
                                   name,
                                   ElementName(found->second.type)));
  }
  for (const auto& [name, info] : tensors)
    if (expected.count(name) == 0)
      faults.push_back(
          fmt::format("tensor '{}' {} is not in the network", name, ShapeText(info.shape)));
  return faults;
}

void CheckWeights(const NetworkTable& table,
                  const TensorInfos& tensors,
                  const std::string& source) {
  const auto faults = WeightFaults(table, tensors);
  if (!faults.empty()) throw Error("weights '{}': {}", source, fmt::join(faults, "; "));
}

}  // namespace denoscope
