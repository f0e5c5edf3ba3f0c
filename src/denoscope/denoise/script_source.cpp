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
    case Operation::kPooling:
    case Operation::kAveraging:
      return fmt::format("torch.{}({}, {}, {})",
                         l.operation == Operation::kPooling ? "max_pool2d" : "avg_pool2d",
                         x,
                         Pair(l.kernel),
                         Pair(l.stride));
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
    return network.Traits().takes_sigma ? "  output = self.network.forward(v0, level)\n"
                                        : "  output = self.network.forward(v0)\n";
  std::string source;
  const std::vector<Layer>& layers = table->Table().Layers();
  for (std::size_t i = 0; i < layers.size(); ++i)
    source += fmt::format("  v{} = {}\n", i + 1, Expression(layers[i]));
  return source + fmt::format("  output = v{}\n", layers.size());
}

// Lines that make `level`, what the network is told of noise s (B) in its own units.
std::string LevelSource(const Parameterisation& p) {
  if (p.sigma_input == SigmaInput::kTimestep) {
    std::string knots;
    for (const double knot : p.schedule->LogSigmas()) knots += Literal(knot) + ", ";
    return fmt::format(
        "  knots = torch.tensor([{}], dtype=torch.float64)\n"
        "  wanted = torch.log(s.to(torch.float64))\n"
        "  upper = torch.clamp(torch.searchsorted(knots, wanted, right=True), 1, {})\n"
        "  t = upper - 1 + (wanted - knots[upper - 1]) / (knots[upper] - knots[upper - 1])\n"
        "  assert bool(torch.all((t > -0.001) & (t < {}.001))), \"sigma outside the schedule\"\n"
        "  t = torch.where(torch.abs(t - torch.round(t)) < 0.001, torch.round(t), t)\n"
        "  level = t.to(y.dtype)\n",
        knots,
        p.schedule->LogSigmas().size() - 1,
        p.schedule->LogSigmas().size() - 1);
  }
  const bool log = p.sigma_input == SigmaInput::kLog || p.sigma_input == SigmaInput::kLogMap;
  const std::string scaled =
      p.sigma_scale == 1 ? "s" : fmt::format("{} * s", Literal(p.sigma_scale));
  return fmt::format(log ? "  level = torch.log({}) / 4\n" : "  level = {}\n", scaled);
}

// c_in, c_skip and c_out of s, as factors; empty: 1.
struct CoefficientSource {
  std::string setup, in, skip, out;
};
CoefficientSource CoefficientsSource(const Parameterisation& p) {
  switch (p.prediction) {
    case Prediction::kX0:
      return {"", "", "", ""};
    case Prediction::kResidual:
      return {"", "", "1.0", "-1.0"};
    case Prediction::kEps:
      return {"  scale = torch.sqrt(s * s + 1)\n", " / scale", "1.0", "-s"};
    case Prediction::kV:
      return {"  scale = torch.sqrt(s * s + 1)\n", " / scale", "1 / (scale * scale)", "-s / scale"};
    case Prediction::kScore:
      return {"", "", "1.0", "s * s"};
    case Prediction::kEdm: {
      const std::string q = Literal(p.data_rms);
      return {fmt::format("  scale = torch.sqrt(s * s + {0} * {0})\n", q),
              " / scale",
              fmt::format("({0} / scale) * ({0} / scale)", q),
              fmt::format("s * {} / scale", q)};
    }
  }
  throw Error("prediction {}: unknown", static_cast<int>(p.prediction));
}

}  // namespace

std::string DenoiserSource(const NetworkDenoiser& denoiser) {
  const Parameterisation& p = denoiser.Reading();
  const std::string low = Literal(p.range.low), width = Literal(p.range.Width());
  std::string source = "def forward(self, y: Tensor) -> Tensor:\n";
  if (p.UsesSigma())
    source = fmt::format(
        "def forward(self, y: Tensor, sigma: Tensor) -> Tensor:\n"
        "  s = sigma.to(y.dtype).reshape([-1]){}\n",
        p.range.IsUnit() ? "" : " * " + width);
  if (p.sigma_input != SigmaInput::kNone) source += LevelSource(p);
  source += p.range.IsUnit() ? "  v = y\n" : fmt::format("  v = {} + {} * y\n", low, width);
  if (p.clamp_input)
    source += fmt::format("  v = torch.clamp(v, {}, {})\n", low, Literal(p.range.high));
  if (p.UsesSigma()) source += "  s = s.reshape([-1, 1, 1, 1])\n";
  const CoefficientSource c = CoefficientsSource(p);
  source += c.setup + fmt::format("  v0 = v{}\n", c.in);
  if (IsMap(p.sigma_input))
    source +=
        "  v0 = torch.cat([v0, level.reshape([-1, 1, 1, 1]).expand([v0.size(0), 1, v0.size(2), "
        "v0.size(3)])], 1)\n";
  source += NetworkSource(*denoiser.Wrapped());
  if (p.prediction != Prediction::kX0)
    source += fmt::format("  output = {} * v + {} * output\n", c.skip, c.out);
  return source + (p.range.IsUnit() ? "  return output\n"
                                    : fmt::format("  return (output - {}) / {}\n", low, width));
}

}  // namespace denoscope
