#include "denoscope/denoise/unet.h"

#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

torch::Tensor RunBlocks(std::vector<torch::nn::Conv2d>& convolutions, torch::Tensor x) {
  for (std::size_t i = 0; i < convolutions.size(); i += 2)
    // In place on fresh tensors that no backward needs: fewer pages touched, the same numbers.
    x = convolutions[i + 1]->forward(convolutions[i]->forward(x).relu_()).add_(x);
  return x;
}

torch::Tensor DoublePixels(const torch::Tensor& x) {
  return torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
}

}  // namespace

void UnetOptions::Check() const {
  if (channels < 1 || width < 1 || blocks < 1 || levels < 1 || levels > 6)
    throw Error(
        "unet: expected channels, width, blocks >= 1 and 1 to 6 levels, found {}, {}, {}, {}",
        channels,
        width,
        blocks,
        levels);
}

UnetImpl::UnetImpl(const UnetOptions& options) : options_(options) {
  options_.Check();
  const auto features = [&](std::int64_t level) { return options_.width * (level + 1); };
  head_ = Convolution("head", options_.channels + (options_.sigma_map ? 1 : 0), features(0), 3);
  const std::int64_t lowest = options_.levels - 1;
  levels_.resize(static_cast<std::size_t>(lowest));
  for (std::int64_t l = 0; l < lowest; ++l) {
    Level& level = levels_[static_cast<std::size_t>(l)];
    level.down = Blocks(fmt::format("down.{}", l), features(l));
    level.shrink = Convolution(fmt::format("down.{}.shrink", l), features(l), features(l + 1), 2);
    level.grow = Convolution(fmt::format("up.{}.grow", l), features(l + 1), features(l), 1);
    level.up = Blocks(fmt::format("up.{}", l), features(l));
  }
  mid_ = Blocks("mid", features(lowest));
  tail_ = Convolution("tail", features(0), options_.channels, 3);
}

torch::Tensor UnetImpl::forward(const torch::Tensor& input) {
  torch::Tensor x = head_->forward(input);
  std::vector<torch::Tensor> skips;
  for (Level& level : levels_) {
    skips.push_back(RunBlocks(level.down, x));
    x = level.shrink->forward(skips.back());
  }
  x = RunBlocks(mid_, x);
  for (std::size_t l = levels_.size(); l-- > 0;)
    x = RunBlocks(levels_[l].up, DoublePixels(levels_[l].grow->forward(x)).add_(skips[l]));
  return tail_->forward(x);
}

// Modules nest by name: "down.0.block.1.conv2" gives the parameter "down.0.block.1.conv2.weight".
torch::nn::Conv2d UnetImpl::Convolution(const std::string& name,
                                        std::int64_t in,
                                        std::int64_t out,
                                        std::int64_t kernel) {
  auto options = torch::nn::Conv2dOptions(in, out, kernel).bias(options_.biases);
  if (kernel == 3) options.padding(1);
  if (kernel == 2) options.stride(2);
  torch::nn::Conv2d convolution(options);
  torch::NoGradGuard no_gradient;
  // He et al. 2015; the second of a residual pair and the tail start small: depth adds no variance,
  // and training starts near the trivial estimate.
  const bool starts_small = name == "tail" || name.find("conv2") != std::string::npos;
  torch::nn::init::kaiming_normal_(convolution->weight, 0.0, torch::kFanIn, torch::kReLU);
  if (starts_small) convolution->weight.mul_(0.2);
  if (options_.biases) convolution->bias.zero_();
  torch::nn::Module* parent = this;
  std::string rest = name;
  for (std::size_t dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
    const std::string key = rest.substr(0, dot);
    const auto children = parent->named_children();
    const auto* found = children.find(key);
    parent = found ? found->get()
                   : parent->register_module(key, std::make_shared<torch::nn::Module>(key)).get();
    rest = rest.substr(dot + 1);
  }
  parent->register_module(rest, convolution);
  return convolution;
}

std::vector<torch::nn::Conv2d> UnetImpl::Blocks(const std::string& name, std::int64_t features) {
  std::vector<torch::nn::Conv2d> convolutions;
  for (std::int64_t b = 0; b < options_.blocks; ++b)
    for (const char* conv : {"conv1", "conv2"})
      convolutions.push_back(
          Convolution(fmt::format("{}.block.{}.{}", name, b, conv), features, features, 3));
  return convolutions;
}

}  // namespace denoscope
