// A UNet as a table of layers, for images of any size that is a multiple of 2^(levels-1).
//
// Level l works at 1/2^l of the size with width*(l+1) features. `blocks` residual blocks
// x + conv(relu(conv(x))) stand at every level, on the way down and up. Skips are added, not
// concatenated: the backward of a concatenation copies slices, which cost 28 % of a Jacobian.
//
//   head                      3x3, channels (+1 with a sigma map) -> width
//   down.{l}.block.{b}.conv1  3x3
//   down.{l}.block.{b}.conv2  3x3
//   down.{l}.shrink           2x2, stride 2, to the features of level l+1
//   mid.block.{b}.conv1       3x3, and conv2
//   up.{l}.grow               1x1, to the features of level l; pixels doubled; plus the skip
//   up.{l}.block.{b}.conv1    3x3, and conv2
//   tail                      3x3, width -> channels
//
// Without biases the network is homogeneous (ReLU and sums only): F(a y) = a F(y), a > 0, F = J y.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

namespace denoscope {

struct UnetOptions {
  std::int64_t channels = 1;  // of the image, >= 1
  std::int64_t width = 32;    // features at full size, >= 1
  std::int64_t levels = 3;    // sizes, 1 to 6
  std::int64_t blocks = 1;    // residual blocks a level and direction, >= 1
  bool biases = true;
  bool sigma_map = true;  // one more input channel: the noise level as a constant image

  void Check() const;
};

class UnetImpl : public torch::nn::Module {
 public:
  explicit UnetImpl(const UnetOptions& options);
  // Input (B, channels (+1), H, W), channels_last for speed; result (B, channels, H, W).
  torch::Tensor forward(const torch::Tensor& input);
  const UnetOptions& options() const { return options_; }

 private:
  struct Level {
    std::vector<torch::nn::Conv2d> down, up;  // conv1, conv2 of each block in turn
    torch::nn::Conv2d shrink{nullptr}, grow{nullptr};
  };
  UnetOptions options_;
  torch::nn::Conv2d head_{nullptr}, tail_{nullptr};
  std::vector<Level> levels_;
  std::vector<torch::nn::Conv2d> mid_;

  torch::nn::Conv2d Convolution(const std::string& name,
                                std::int64_t in,
                                std::int64_t out,
                                std::int64_t kernel);
  std::vector<torch::nn::Conv2d> Blocks(const std::string& name, std::int64_t features);
};
TORCH_MODULE(Unet);

}  // namespace denoscope
