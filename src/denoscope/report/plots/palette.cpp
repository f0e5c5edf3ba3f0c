#include "denoscope/report/plots/palette.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace denoscope {
namespace {

constexpr std::array<Colour, 9> kViridis = {{{68, 1, 84},
                                             {71, 44, 122},
                                             {59, 81, 139},
                                             {44, 113, 142},
                                             {33, 144, 141},
                                             {39, 173, 129},
                                             {92, 200, 99},
                                             {170, 220, 50},
                                             {253, 231, 37}}};
constexpr std::array<Colour, 7> kBlueWhiteRed = {{{5, 48, 97},
                                                  {43, 123, 186},
                                                  {146, 197, 222},
                                                  {250, 250, 250},
                                                  {244, 165, 130},
                                                  {202, 60, 66},
                                                  {103, 0, 31}}};

template <std::size_t N>
Colour Between(const std::array<Colour, N>& anchors, double t) {
  const double at = std::clamp(t, 0.0, 1.0) * (N - 1);
  const auto left = std::min(static_cast<std::size_t>(at), N - 2);
  Colour colour = {};
  for (std::size_t i = 0; i < colour.size(); ++i)
    colour[i] = anchors[left][i] +
                (at - static_cast<double>(left)) * (anchors[left + 1][i] - anchors[left][i]);
  return colour;
}

}  // namespace

Colour Ordered(double t) { return Between(kViridis, 0.9 * t); }
Colour Sequential(double t) { return Between(kViridis, t); }
Colour Diverging(double t) { return Between(kBlueWhiteRed, (t + 1) / 2); }

std::string Hex(const Colour& colour) {
  return fmt::format("#{:02x}{:02x}{:02x}",
                     std::lround(colour[0]),
                     std::lround(colour[1]),
                     std::lround(colour[2]));
}

std::string OrderedColour(std::size_t i, std::size_t count) {
  return Hex(Ordered(count < 2 ? 0 : static_cast<double>(i) / (static_cast<double>(count) - 1)));
}

std::string ViridisForGnuplot() {
  std::string anchors;
  for (std::size_t i = 0; i < kViridis.size(); ++i)
    anchors += fmt::format("{}{} '{}'", i == 0 ? "" : ", ", i, Hex(kViridis[i]));
  return "set palette defined (" + anchors + ")\n";
}

std::string DivergingForGnuplot() {
  return "set palette defined (-1 '#2166ac', -0.5 '#92c5de', 0 '#ffffff', 0.5 '#f4a582', 1 "
         "'#b2182b')\n";
}

std::string Rgb(const std::string& colour) { return fmt::format("lc rgb '{}'", colour); }

}  // namespace denoscope
