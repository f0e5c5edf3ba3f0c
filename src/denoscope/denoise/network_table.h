// A network written as a table: a list of layers over values. Value 0 is the network's input, value
// i the output of layer i - 1; a layer names the values that it reads. Networks are run, exported
// and described from the table alone.
//
//   operation      y =                                            parameters
//   convolution    conv(x, weight) (+ bias)                       weight [out,in,k,k], bias [out]
//   transposed     conv's transpose, stride s                     weight [in,out,k,k], bias [out]
//   relu           max(x, 0)
//   sum            a + b
//   concatenation  a, then b, along channels
//   doubling       every pixel 2x2 times
//   pooling        the maximum of every 2x2 pixels
//   averaging      their mean
//   scaling        x / running_sd * gammas, channel by channel    both [1,C,1,1]
//   padding        zeros right and below, to a multiple
//   cropping       the first H x W pixels, as the network's input has
//   silu           x / (1 + exp(-x))
//   normalisation  (x - mean) / sd * weight + bias                both [C]
//   attention      v softmax(q^T k / sqrt(c))^T, each (c,H W)
//   linear         weight x + bias, x flattened                   weight [d,d], bias [d]
//
// Normalisation is by groups of channels (Wu, He 2018): mean and sd are over a group and all
// pixels. Training divides a scaling by the batch's own sd, see TableNetwork. Silu, normalisation
// and attention are smooth; all others are piecewise linear and, but for biases, positively
// homogeneous; normalisation, attention and linear reach the whole image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/arrays/array.h"
#include "denoscope/base/enum_names.h"
#include "denoscope/base/image_shape.h"

namespace denoscope {

enum class Operation {
  kConvolution,
  kTransposed,
  kRelu,
  kSum,
  kConcatenation,
  kDoubling,
  kPooling,
  kAveraging,
  kScaling,
  kPadding,
  kCropping,
  kSilu,
  kNormalisation,
  kAttention,
  kLinear,
};
template <>
struct EnumNames<Operation> {
  static constexpr const char* kWhat = "operation";
  static constexpr EnumName<Operation> kNames[] = {{Operation::kConvolution, "convolution"},
                                                   {Operation::kTransposed, "transposed"},
                                                   {Operation::kRelu, "relu"},
                                                   {Operation::kSum, "sum"},
                                                   {Operation::kConcatenation, "concatenation"},
                                                   {Operation::kDoubling, "doubling"},
                                                   {Operation::kPooling, "pooling"},
                                                   {Operation::kAveraging, "averaging"},
                                                   {Operation::kScaling, "scaling"},
                                                   {Operation::kPadding, "padding"},
                                                   {Operation::kCropping, "cropping"},
                                                   {Operation::kSilu, "silu"},
                                                   {Operation::kNormalisation, "normalisation"},
                                                   {Operation::kAttention, "attention"},
                                                   {Operation::kLinear, "linear"}};
};

struct Layer {
  Operation operation = Operation::kRelu;
  std::string name;                 // of its parameters: NAME.weight, ..; empty without any
  std::vector<std::size_t> inputs;  // values
  std::int64_t in = 0, out = 0;     // channels
  std::int64_t kernel = 1, stride = 1, padding = 0, dilation = 1;
  bool bias = false;
  double gain = 1;            // of the random weights that training starts with, times He's
  std::int64_t multiple = 1;  // of padding
  std::int64_t groups = 1;    // of normalisation
  std::int64_t H = 0, W = 0;  // of linear
};

// Names and shapes of a layer's parameters; none for most operations.
std::vector<std::pair<std::string, Shape>> LayerParameters(const Layer& layer);

constexpr double kNormalisationFloor = 1e-5;  // of a variance that is divided by

struct Kernel {
  std::int64_t size = 3, padding = 1, stride = 1, dilation = 1;
};

// Positions low to high, along one axis, of one value on which a position of another can depend;
// none when low > high.
struct Reach {
  std::int64_t low = 1, high = 0;
  bool None() const { return low > high; }
};
using Reaches = std::vector<Reach>;

class NetworkTable {
 public:
  using Value = std::size_t;
  NetworkTable(std::string name, std::int64_t input_channels);

  Value Convolution(const std::string& name,
                    Value x,
                    std::int64_t out,
                    const Kernel& kernel,
                    bool bias = false,
                    double gain = 1);
  Value Transposed(const std::string& name, Value x, std::int64_t out, const Kernel& kernel);
  Value Relu(Value x);
  Value Sum(Value a, Value b);
  Value Concatenation(Value a, Value b);
  Value Doubling(Value x);
  Value Pooling(Value x);
  Value Averaging(Value x);
  Value Scaling(const std::string& name, Value x);
  Value Padding(Value x, std::int64_t multiple);
  Value Cropping(Value x);
  Value Silu(Value x);
  Value Normalisation(const std::string& name, Value x, std::int64_t groups);  // divides channels
  Value Attention(Value q, Value k, Value v);
  Value Linear(const std::string& name, Value x, std::int64_t H, std::int64_t W, double gain = 1);

  const std::string& Name() const { return name_; }
  const std::vector<Layer>& Layers() const { return layers_; }
  std::int64_t InputChannels() const { return channels_.front(); }
  std::int64_t OutputChannels() const { return channels_.back(); }

  // The layer after which each value is not read any more; the last value is the result.
  std::vector<std::size_t> LastUse() const;
  std::vector<std::pair<std::string, Shape>> Parameters() const;
  bool Homogeneous() const;                      // F(a x) = a F(x), a > 0
  bool PiecewiseLinear() const;                  // F' is constant around almost every x
  std::optional<ImageShape> FixedShape() const;  // of the input, where a linear layer fixes it
  std::int64_t SizeMultiple() const;             // H and W must be multiples of this
  // What each position of value `to` can depend on in value `from`, along an axis on which the
  // network's input has `side` pixels, by paths through layer `begin` and later ones alone.
  Reaches ReachOf(Value from, Value to, std::int64_t side, std::size_t begin = 0) const;
  // The side R of the smallest square around every output pixel that holds all input pixels it can
  // depend on; none when R does not fit into an image of 512 pixels.
  std::optional<std::int64_t> ReceptiveField() const;
  // Multiplications and additions of convolutions, linear layers and attention for one image of
  // H x W pixels, in 1e9: of all layers, or of [begin, end).
  double Gflop(std::int64_t H, std::int64_t W) const;
  double Gflop(std::int64_t H, std::int64_t W, std::size_t begin, std::size_t end) const;

 private:
  std::string name_;
  std::vector<Layer> layers_;
  std::vector<std::int64_t> channels_;  // of each value

  Value Add(Layer layer, std::int64_t channels);
  Value Halving(Operation operation, Value x);
};

}  // namespace denoscope
