#include "denoscope/denoise/linearised_network.h"

#include <algorithm>

#include "denoscope/base/error.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

using Value = NetworkTable::Value;
constexpr auto kLayout = torch::MemoryFormat::ChannelsLast;

// A block and whether nothing else holds it, so that it may be overwritten.
struct Block {
  torch::Tensor data;
  bool own = false;
};

class Blocks {
 public:
  void Add(Value v, torch::Tensor data, bool own) {
    const auto found = blocks_.find(v);
    if (found == blocks_.end()) {
      blocks_[v] = {std::move(data), own};
      return;
    }
    Block& old = found->second;
    if (own)
      old = {data.add_(old.data), true};
    else if (old.own)
      old.data.add_(data);
    else
      old = {old.data + data, true};
  }
  std::optional<Block> Take(Value v) {
    const auto found = blocks_.find(v);
    if (found == blocks_.end()) return std::nullopt;
    Block block = std::move(found->second);
    blocks_.erase(found);
    return block;
  }
  ValueBlocks All() && {
    ValueBlocks all;
    for (auto& [v, block] : blocks_) all[v] = std::move(block.data);
    return all;
  }

 private:
  std::map<Value, Block> blocks_;
};

torch::Tensor Times(Block& g, const torch::Tensor& factor) {
  return g.own ? g.data.mul_(factor) : g.data * factor;
}

// 1 where x is the maximum of its 2x2 pixels; of equal ones at the one that autograd takes.
torch::Tensor MaximumMask(const torch::Tensor& x, const Layer& l) {
  const torch::Tensor places =
      std::get<1>(torch::max_pool2d_with_indices(x, l.kernel, l.stride)).flatten(2);
  return torch::zeros({x.size(0), x.size(1), x.size(2) * x.size(3)}, x.options())
      .scatter_(2, places, 1)
      .view(x.sizes())
      .contiguous(kLayout);
}

torch::Tensor SumOfFour(const torch::Tensor& x) {
  return torch::avg_pool2d(x, 2, 2, 0, false, true, /*divisor_override=*/1);
}

torch::Tensor Doubled(const torch::Tensor& x) {
  return torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
}

torch::Tensor CropOrPad(const torch::Tensor& x, std::int64_t H, std::int64_t W) {
  if (x.size(2) == H && x.size(3) == W) return x;
  return torch::constant_pad_nd(x, {0, W - x.size(3), 0, H - x.size(2)}).contiguous(kLayout);
}

// Input of `weight`'s convolution from its output, for any stride.
torch::Tensor TransposedProduct(const torch::Tensor& g,
                                const torch::Tensor& weight,
                                const Layer& l,
                                const Shape& input) {
  const torch::Tensor shape_only =
      torch::empty({g.size(0), input[0], input[1], input[2]}, g.options(), kLayout);
  return std::get<0>(torch::convolution_backward(g,
                                                 shape_only,
                                                 weight,
                                                 c10::nullopt,
                                                 {l.stride, l.stride},
                                                 {l.padding, l.padding},
                                                 {l.dilation, l.dilation},
                                                 false,
                                                 {0, 0},
                                                 1,
                                                 {true, false, false}));
}

}  // namespace

const TableNetwork* LinearisableNetwork(const NetworkDenoiser* denoiser) {
  if (denoiser == nullptr || denoiser->Reading().clamp_input) return nullptr;
  const auto* network = dynamic_cast<const TableNetwork*>(denoiser->Wrapped().get());
  return network && network->Table().PiecewiseLinear() ? network : nullptr;
}

LinearisedNetwork::LinearisedNetwork(const TableNetwork& network, const torch::Tensor& x)
    : network_(network) {
  if (!Table().PiecewiseLinear())
    throw Error("network '{}': expected a piecewise linear one to linearise", Table().Name());
  const torch::NoGradGuard no_gradient;
  std::vector<torch::Tensor> values = {x};
  for (std::size_t i = 0; i < Table().Layers().size(); ++i) {
    const Layer& l = Table().Layers()[i];
    values.push_back(network.Evaluate(i, values, /*may_overwrite=*/false));
    const std::vector<torch::Tensor>& w = network.LayerWeights(i);
    LayerDerivative d;
    if (l.operation == Operation::kRelu) d.mask = (values.back() > 0).to(x.scalar_type());
    if (l.operation == Operation::kPooling) d.mask = MaximumMask(values[l.inputs[0]], l);
    if (l.operation == Operation::kScaling) d.scale = w[1] / w[0];
    if (l.operation == Operation::kConvolution || l.operation == Operation::kTransposed ||
        l.operation == Operation::kLinear)
      d.weight = w[0];
    if (l.operation == Operation::kConvolution && l.stride == 1)
      d.transpose = w[0].flip({2, 3}).transpose(0, 1).contiguous(kLayout);
    derivatives_.push_back(std::move(d));
  }
  for (const torch::Tensor& v : values) shapes_.push_back({v.size(1), v.size(2), v.size(3)});
  output_ = values.back();
}

std::int64_t LinearisedNetwork::LargestValueBytes() const {
  std::int64_t most = 0;
  for (const Shape& s : shapes_) most = std::max(most, ElementCount(s));
  return most * static_cast<std::int64_t>(output_.element_size());
}

torch::Tensor LinearisedNetwork::Apply(const torch::Tensor& tangents) const {
  const std::size_t end = Table().Layers().size();
  return Push({{0, tangents}}, 0, end).at(end);
}

torch::Tensor LinearisedNetwork::ApplyTranspose(const torch::Tensor& cotangents) const {
  const std::size_t end = Table().Layers().size();
  return Pull({{end, cotangents}}, 0, end).at(0);
}

ValueBlocks LinearisedNetwork::Push(ValueBlocks tangents,
                                    std::size_t begin,
                                    std::size_t end) const {
  const torch::NoGradGuard no_gradient;
  for (std::size_t i = begin; i < end; ++i)
    if (torch::Tensor t = PushOne(i, tangents); t.defined()) tangents[i + 1] = std::move(t);
  return tangents;
}

torch::Tensor LinearisedNetwork::PushOne(std::size_t index, const ValueBlocks& tangents) const {
  const Layer& l = Table().Layers()[index];
  const LayerDerivative& d = derivatives_[index];
  const auto tangent = [&](std::size_t i) {
    const auto found = tangents.find(l.inputs[i]);
    return found == tangents.end() ? torch::Tensor() : found->second;
  };
  const auto zeros = [&](Value v, const torch::Tensor& like) {
    const Shape& s = shapes_[v];
    return torch::zeros({like.size(0), s[0], s[1], s[2]}, like.options()).contiguous(kLayout);
  };
  const torch::Tensor x = tangent(0);
  const torch::Tensor second = l.inputs.size() > 1 ? tangent(1) : torch::Tensor();
  if (!x.defined() && !second.defined()) return {};
  switch (l.operation) {
    case Operation::kConvolution:
      return torch::conv2d(x, d.weight, {}, l.stride, l.padding, l.dilation);
    case Operation::kTransposed:
      return torch::conv_transpose2d(x, d.weight, {}, l.stride, l.padding, 0, 1, l.dilation);
    case Operation::kRelu:
      return x * d.mask;
    case Operation::kScaling:
      return x * d.scale;
    case Operation::kSum:
      return !x.defined() ? second : !second.defined() ? x : x + second;
    case Operation::kConcatenation:
      return torch::cat(at::TensorList({x.defined() ? x : zeros(l.inputs[0], second),
                                        second.defined() ? second : zeros(l.inputs[1], x)}),
                        1);
    case Operation::kDoubling:
      return Doubled(x);
    case Operation::kPooling:
      return SumOfFour(x * d.mask);
    case Operation::kAveraging:
      return torch::avg_pool2d(x, l.kernel, l.stride);
    case Operation::kPadding:
    case Operation::kCropping:
      return CropOrPad(x, shapes_[index + 1][1], shapes_[index + 1][2]);
    case Operation::kLinear:
      return x.flatten(1).matmul(d.weight.t()).view(x.sizes());
    case Operation::kSilu:
    case Operation::kNormalisation:
    case Operation::kAttention:
      break;
  }
  throw Error("operation {}: not piecewise linear", NameOf(l.operation));
}

ValueBlocks LinearisedNetwork::Pull(ValueBlocks cotangents,
                                    std::size_t begin,
                                    std::size_t end) const {
  const torch::NoGradGuard no_gradient;
  Blocks blocks;
  for (auto& [v, g] : cotangents) blocks.Add(v, g, false);
  for (std::size_t i = end; i-- > begin;) {
    const Layer& l = Table().Layers()[i];
    const LayerDerivative& d = derivatives_[i];
    std::optional<Block> g = blocks.Take(i + 1);
    if (!g) continue;
    const Value x = l.inputs[0];
    const Shape& shape = shapes_[x];
    switch (l.operation) {
      case Operation::kConvolution:
        blocks.Add(x, PullConvolution(i, g->data), true);
        break;
      case Operation::kTransposed:
        blocks.Add(x, torch::conv2d(g->data, d.weight, {}, l.stride, l.padding, l.dilation), true);
        break;
      case Operation::kRelu:
        blocks.Add(x, Times(*g, d.mask), true);
        break;
      case Operation::kScaling:
        blocks.Add(x, Times(*g, d.scale), true);
        break;
      case Operation::kSum:
        blocks.Add(x, g->data, false);
        blocks.Add(l.inputs[1], g->data, false);
        break;
      case Operation::kConcatenation:
        blocks.Add(x, g->data.narrow(1, 0, shape[0]).contiguous(kLayout), true);
        blocks.Add(l.inputs[1],
                   g->data.narrow(1, shape[0], shapes_[l.inputs[1]][0]).contiguous(kLayout),
                   true);
        break;
      case Operation::kDoubling:
        blocks.Add(x, SumOfFour(g->data), true);
        break;
      case Operation::kPooling:
        blocks.Add(x, Doubled(g->data).mul_(d.mask), true);
        break;
      case Operation::kAveraging:
        blocks.Add(x, Doubled(g->data).div_(l.kernel * l.kernel), true);
        break;
      case Operation::kPadding:
      case Operation::kCropping:
        blocks.Add(x, CropOrPad(g->data, shape[1], shape[2]), false);
        break;
      case Operation::kLinear:
        blocks.Add(x, g->data.flatten(1).matmul(d.weight).view(g->data.sizes()), true);
        break;
      case Operation::kSilu:
      case Operation::kNormalisation:
      case Operation::kAttention:
        throw Error("operation {}: not piecewise linear", NameOf(l.operation));
    }
  }
  return std::move(blocks).All();
}

torch::Tensor LinearisedNetwork::PullConvolution(std::size_t index, const torch::Tensor& g) const {
  const Layer& l = Table().Layers()[index];
  const LayerDerivative& d = derivatives_[index];
  if (d.transpose.defined())
    return torch::conv2d(
        g, d.transpose, {}, 1, l.dilation * (l.kernel - 1) - l.padding, l.dilation);
  return TransposedProduct(g, d.weight, l, shapes_[l.inputs[0]]);
}

}  // namespace denoscope
