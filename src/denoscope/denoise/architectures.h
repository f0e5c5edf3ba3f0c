// The architectures that we train, each a table whose layer names are the keys of its weight files;
// published_architectures.h has those of others.
//
// The last layer of every residual branch and of the whole network starts with a fifth of He's
// weights: depth adds no variance, and training begins near the trivial estimate. Queries, keys and
// values, which no ReLU follows, start with half of He's variance.
#pragma once

#include <string>
#include <vector>

#include "denoscope/base/enum_names.h"
#include "denoscope/denoise/network_table.h"

namespace denoscope {

enum class Normalisation { kNone, kBatch, kGroup };  // kBatch: a scaling, see table_network.h
template <>
struct EnumNames<Normalisation> {
  static constexpr const char* kWhat = "normalisation";
  static constexpr EnumName<Normalisation> kNames[] = {{Normalisation::kNone, "none"},
                                                       {Normalisation::kBatch, "batch"},
                                                       {Normalisation::kGroup, "group"}};
};

enum class Activation { kRelu, kSilu };
template <>
struct EnumNames<Activation> {
  static constexpr const char* kWhat = "activation";
  static constexpr EnumName<Activation> kNames[] = {{Activation::kRelu, "relu"},
                                                    {Activation::kSilu, "silu"}};
};

// Our UNet, for images of any size that is a multiple of 2^(levels-1), levels = features.size().
//
// Level l works at 1/2^l of the size with features[l] channels. `blocks` residual blocks
// x + conv(relu(norm(conv(x)))) stand at every level, on the way down and up. Skips are added, not
// concatenated: the backward of a concatenation copies slices, which cost 28 % of a Jacobian.
// Without a normalisation `norm` is absent; group normalisation takes four channels a group or a
// few more, so that at most 32 equal groups result (as in Karras et al. 2022).
//
//   head                      3x3, channels (+1 with a sigma map) -> features[0]
//   down.{l}.block.{b}.conv1  3x3
//   down.{l}.block.{b}.conv2  3x3
//   down.{l}.shrink           2x2, stride 2, to the features of level l+1
//   mid.block.{b}.conv1       3x3, and conv2
//   ...block.{b}.norm         with a normalisation, of conv1's output
//   mid.attention.norm        with attention: of the middle's result x; its output goes to
//   mid.attention.query       1x1, and key, value: attention over all pixels, one head, then
//   mid.attention.out         1x1; plus x
//   up.{l}.grow               1x1, to the features of level l; pixels doubled; plus the skip
//   up.{l}.block.{b}.conv1    3x3, and conv2
//   tail                      3x3, features[0] -> channels
struct UnetOptions {
  std::int64_t channels = 1;                          // of the image, >= 1
  std::vector<std::int64_t> features = {32, 64, 96};  // by level, 1 to 6 of them, each >= 1
  std::int64_t blocks = 1;                            // residual blocks a level and direction, >= 1
  bool biases = true;                                 // without: F(a y) = a F(y), a > 0, so F = J y
  bool sigma_map = true;  // one more input channel: the noise level as a constant image
  Normalisation normalisation = Normalisation::kNone;
  Activation activation = Activation::kRelu;
  bool attention = false;  // at the lowest level

  void Check() const;
};

NetworkTable UnetTable(const UnetOptions& options);

// DnCNN (Zhang, Zuo, Chen, Meng, Zhang 2017), for images of any size; receptive field 2 depth + 1.
//
//   conv.0                    3x3, relu
//   conv.{l}, norm.{l}        3x3, batch normalisation, relu; l = 1 to depth - 2
//   conv.{depth-1}            3x3
//
// Our deviation: batch normalisation does not subtract the mean; with biases the convolution
// before it can, and without them the network is homogeneous (Mohan et al. 2020).
struct DncnnOptions {
  std::int64_t channels = 1;   // of the image, >= 1
  std::int64_t depth = 17;     // convolutions, 2 to 100; 17 and 20 are published
  std::int64_t features = 64;  // >= 1
  bool biases = true;

  void Check() const;
};
NetworkTable DncnnTable(const DncnnOptions& options);

// One layer `dense`, W y + b of the flattened image: J = W.
struct LinearOptions {
  ImageShape images = {1, 28, 28};  // the only size that it takes, d = C H W from 1 to 16384

  void Check() const;
};
NetworkTable LinearTable(const LinearOptions& options);

}  // namespace denoscope
