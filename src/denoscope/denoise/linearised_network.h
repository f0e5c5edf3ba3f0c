// The derivative of a TableNetwork at one input, kept to be applied many times.
//
// One forward at x keeps what each layer's derivative needs: of a ReLU where it is open, of a
// pooling where the maxima are, of the rest the sizes alone. Blocks of tangents then go through the
// bare layers from the input up, or of cotangents from the output down: no graph, no copies of
// concatenated slices, masks multiplied in place. F'(x) v and F'(x)^T u cost one forward each. Only
// networks that are piecewise linear can be taken: what others keep would be as large as autograd's
// graph. Layers may also be run in part, [begin, end) of the table, for methods that treat a
// network in pieces.
#pragma once

#include <torch/types.h>

#include <map>
#include <vector>

#include "denoscope/denoise/network_denoiser.h"
#include "denoscope/denoise/table_network.h"

namespace denoscope {

// Tangents or cotangents of values of the table, each (b,C,H,W).
using ValueBlocks = std::map<NetworkTable::Value, torch::Tensor>;

// What is kept of a layer.
struct LayerDerivative {
  torch::Tensor mask;       // of a ReLU or pooling, (1,C,H,W) of its input, 0 or 1
  torch::Tensor scale;      // of a scaling, (1,C,1,1)
  torch::Tensor weight;     // of a convolution or linear layer
  torch::Tensor transpose;  // its transpose as a convolution, where the stride is 1
};

// The network behind a denoiser, where we hold it as a table that can be linearised; else none.
const TableNetwork* LinearisableNetwork(const NetworkDenoiser* denoiser);

class LinearisedNetwork {
 public:
  // x (1,Cin,H,W), of the network's element type. Throws for a table that is not piecewise linear.
  LinearisedNetwork(const TableNetwork& network, const torch::Tensor& x);

  const NetworkTable& Table() const { return network_.Table(); }
  const torch::Tensor& Output() const { return output_; }               // F(x)
  Shape ValueShape(NetworkTable::Value v) const { return shapes_[v]; }  // (C,H,W)
  std::int64_t LargestValueBytes() const;                               // of one image
  const LayerDerivative& Derivative(std::size_t layer) const { return derivatives_[layer]; }

  torch::Tensor Apply(const torch::Tensor& tangents) const;             // F' v
  torch::Tensor ApplyTranspose(const torch::Tensor& cotangents) const;  // F'^T u

  // Through layers begin to end - 1: tangents of the values that these layers read, and make, give
  // those of value `end`. Values without an entry have tangent zero.
  ValueBlocks Push(ValueBlocks tangents, std::size_t begin, std::size_t end) const;
  // Back through layers end - 1 to begin: cotangents of values that these layers make give those of
  // the values up to `begin` that they read.
  ValueBlocks Pull(ValueBlocks cotangents, std::size_t begin, std::size_t end) const;

 private:
  const TableNetwork& network_;
  torch::Tensor output_;
  std::vector<Shape> shapes_;  // (C,H,W) of each value
  std::vector<LayerDerivative> derivatives_;

  torch::Tensor PushOne(std::size_t layer, const ValueBlocks& tangents) const;
  torch::Tensor PullConvolution(std::size_t layer, const torch::Tensor& g) const;
};

}  // namespace denoscope
