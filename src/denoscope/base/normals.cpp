#include "denoscope/base/normals.h"

#include <array>
#include <cmath>
#include <cstdint>

namespace denoscope {
namespace {

constexpr int kLayers = 128;
constexpr double kTail = 3.442619855899;       // where the tail begins
constexpr double kArea = 9.91256303526217e-3;  // of each layer under exp(-x^2/2)

// Layer i spans 0 to edge[i], all of it under the curve up to edge[i+1] = share[i] edge[i]. Layer 0
// is the rectangle beside the tail, as wide as their common area asks.
struct Layers {
  std::array<double, kLayers + 1> edge;
  std::array<float, kLayers> share, width;

  Layers() {
    double height = std::exp(-0.5 * kTail * kTail);
    edge[0] = kArea / height;
    edge[1] = kTail;
    for (int i = 2; i < kLayers; ++i) {
      edge[i] = std::sqrt(-2 * std::log(kArea / edge[i - 1] + height));
      height = std::exp(-0.5 * edge[i] * edge[i]);
    }
    edge[kLayers] = 0;
    for (int i = 0; i < kLayers; ++i) {
      share[i] = static_cast<float>(edge[i + 1] / edge[i]);
      width[i] = static_cast<float>(edge[i]);
    }
  }
};

double OpenUniform(RandomStream& random) { return 1 - random.Uniform(); }  // in (0, 1]

double Tail(RandomStream& random) {
  double x = 0, y = 0;
  do {
    x = std::log(OpenUniform(random)) / kTail;
    y = std::log(OpenUniform(random));
  } while (-2 * y < x * x);
  return kTail - x;
}

// What a position u beyond share[i] stands for: a point of the tail, or of the wedge between the
// layer's inner rectangle and the curve; -1 when that point lies above the curve.
float Outside(const Layers& layers, int i, float u, RandomStream& random) {
  if (i == 0) return static_cast<float>(Tail(random));
  const float magnitude = u * layers.width[i];
  const double square = double{magnitude} * magnitude;
  const double outer = std::exp(-0.5 * (layers.edge[i] * layers.edge[i] - square));
  const double inner = std::exp(-0.5 * (layers.edge[i + 1] * layers.edge[i + 1] - square));
  return inner + random.Uniform() * (outer - inner) < 1 ? magnitude : -1;
}

}  // namespace

void FillNormals(RandomStream& random, float* values, std::size_t count) {
  static const Layers layers;
  constexpr std::array<float, 2> kSigns = {1, -1};
  std::uint64_t word = 0;
  for (std::size_t done = 0, halves = 0; done < count; word >>= 32) {
    if (halves-- == 0) {
      word = random.Word();
      halves = 1;
    }
    const auto bits = static_cast<std::uint32_t>(word);
    const int i = static_cast<int>(bits % kLayers);
    const float u = (static_cast<float>(static_cast<std::int32_t>(bits >> 8)) + 0.5f) * 0x1p-24f;
    float magnitude = u * layers.width[i];
    if (u >= layers.share[i]) magnitude = Outside(layers, i, u, random);
    if (magnitude < 0) continue;
    values[done++] = magnitude * kSigns[bits / kLayers % 2];
  }
}

}  // namespace denoscope
