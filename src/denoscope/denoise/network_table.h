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
//   scaling        x / running_sd * gammas, channel by channel    both [1,C,1,1]
//   padding        zeros right and below, to a multiple
//   cropping       the first H x W pixels, as the network's input has
//
// Every operation is positively homogeneous but for biases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/files/array.h"

namespace denoscope {

enum class Operation {
  kConvolution,
  kTransposed,
  kRelu,
  kSum,
  kConcatenation,
  kDoubling,
  kScaling,
  kPadding,
  kCropping,
};
std::string OperationName(Operation operation);

struct Layer {
  Operation operation = Operation::kRelu;
  std::string name;                 // of its parameters: NAME.weight, ..; empty without any
  std::vector<std::size_t> inputs;  // values
  std::int64_t in = 0, out = 0;     // channels
  std::int64_t kernel = 1, stride = 1, padding = 0, dilation = 1;
  bool bias = false;
  double gain = 1;            // of the random weights that training starts with, times He's
  std::int64_t multiple = 1;  // of padding
};

// Names and shapes of a layer's parameters; none for most operations.
std::vector<std::pair<std::string, Shape>> LayerParameters(const Layer& layer);

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
  Value Scaling(const std::string& name, Value x);
  Value Padding(Value x, std::int64_t multiple);
  Value Cropping(Value x);

  const std::string& Name() const { return name_; }
  const std::vector<Layer>& Layers() const { return layers_; }
  std::int64_t InputChannels() const { return channels_.front(); }
  std::int64_t OutputChannels() const { return channels_.back(); }

  // The layer after which each value is not read any more; the last value is the result.
  std::vector<std::size_t> LastUse() const;
  std::vector<std::pair<std::string, Shape>> Parameters() const;
  bool Homogeneous() const;           // F(a x) = a F(x), a > 0
  std::int64_t SizeMultiple() const;  // H and W must be multiples of this
  // What each position of value `to` can depend on in value `from`, along an axis on which the
  // network's input has `side` pixels, by paths through layer `begin` and later ones alone.
  Reaches ReachOf(Value from, Value to, std::int64_t side, std::size_t begin = 0) const;
  // The side R of the smallest square around every output pixel that holds all input pixels it can
  // depend on; none when R does not fit into an image of 512 pixels.
  std::optional<std::int64_t> ReceptiveField() const;
  // Multiplications and additions of the convolutions for one image of H x W pixels, in 1e9: of all
  // layers, or of [begin, end).
  double Gflop(std::int64_t H, std::int64_t W) const;
  double Gflop(std::int64_t H, std::int64_t W, std::size_t begin, std::size_t end) const;

 private:
  std::string name_;
  std::vector<Layer> layers_;
  std::vector<std::int64_t> channels_;  // of each value

  Value Add(Layer layer, std::int64_t channels);
};

}  // namespace denoscope
