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

std::string DivergingForGnuplot();           // another, for [-1,1], 0 white
std::string Rgb(const std::string& colour);  // "lc rgb '#rrggbb'", of a curve

// Of Okabe and Ito.
constexpr const char* kBlue = "#0072b2";
constexpr const char* kVermillion = "#d55e00";
constexpr const char* kGreen = "#009e73";
constexpr const char* kPurple = "#cc79a7";
constexpr const char* kOrange = "#e69f00";
constexpr const char* kSkyBlue = "#56b4e9";
constexpr std::array<const char*, 6> kOkabeIto = {
    kBlue, kVermillion, kGreen, kPurple, kOrange, kSkyBlue};

// Of keys, guides and what is no curve of its own, by the share of white in percent.
constexpr const char* kBlack = "#000000";
constexpr const char* kGrey25 = "#404040";
constexpr const char* kGrey38 = "#606060";
constexpr const char* kGrey44 = "#707070";
constexpr const char* kGrey50 = "#808080";
constexpr const char* kGrey56 = "#909090";
constexpr const char* kGrey85 = "#d8d8d8";
constexpr const char* kGridColour = "#dadada";

// One denoiser keeps its colour through all figures.
constexpr const char* kDeepColour = kBlue;
constexpr const char* kLinearColour = kVermillion;
constexpr const char* kNoisyColour = kGrey50;

}  // namespace denoscope
