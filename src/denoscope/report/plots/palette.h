// Colours that also colour-blind readers tell apart. t in [0,1] unless said otherwise.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace denoscope {

using Colour = std::array<double, 3>;  // red, green, blue, 0 to 255

Colour Ordered(double t);               // viridis without its palest end: for lines on white
Colour Sequential(double t);            // viridis: for maps
Colour Diverging(double t);             // -1 blue, 0 white, 1 red
std::string Hex(const Colour& colour);  // "#rrggbb"
std::string OrderedColour(std::size_t i, std::size_t count);  // "#rrggbb", i of `count`, dark first
std::string ViridisForGnuplot();                              // a `set palette` command

// Of Okabe and Ito: one denoiser keeps its colour through all figures.
constexpr const char* kDeepColour = "#0072b2";
constexpr const char* kLinearColour = "#d55e00";
constexpr const char* kNoisyColour = "#808080";

}  // namespace denoscope
