#include "denoscope/denoise/script_source.h"

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/denoise/table_network.h"

namespace denoscope {
namespace {

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
    case Operation::kSilu:
      return fmt::format("torch.silu({})", x);
    case Operation::kNormalisation:
      return fmt::format("torch.group_norm({}.contiguous(), {}, {}, {}, {})",
                         x,
                         l.groups,
                         weight,
                         bias,
                         kNormalisationFloor);
    case Operation::kAttention:
      return fmt::format(
          "torch.bmm({2}.flatten(2), torch.softmax(torch.bmm({0}.flatten(2).transpose(1, 2), "
          "{1}.flatten(2)) / {3}, -1).transpose(1, 2)).reshape({2}.size())",
          x,
          value(1),
          value(2),
          Literal(std::sqrt(static_cast<double>(l.in))));
    case Operation::kLinear:
      return fmt::format(
          "torch.linear({0}.flatten(1), {1}, {2}).reshape({0}.size())", x, weight, bias);
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

}  // namespace

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

}  // namespace denoscope
