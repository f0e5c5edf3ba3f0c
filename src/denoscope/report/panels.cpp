#include "denoscope/report/panels.h"

#include <fmt/format.h>

#include "denoscope/report/gnuplot.h"

namespace denoscope {
namespace {

constexpr double kPanel = 540, kAxis = 120, kGap = 30, kCharacter = 10.2, kSample = 95;  // pixels

}  // namespace

Panels::Panels(std::size_t count, int key_columns) : count_(count) {
  const double axes = static_cast<double>(count) * (kPanel + kAxis);
  const double key = kSample + kCharacter * key_columns;
  const double width = axes + kGap + key;
  width_ = static_cast<int>(width);
  right_ = (axes + 0.3 * kGap) / width;
}

std::string Panels::Begin() const {
  return fmt::format(
      "set datafile columnheaders\nset multiplot\nset bmargin at screen 0.125\n"
      "set tmargin at screen 0.91\nset key at screen {:.4f}, screen 0.90 top left Left reverse\n",
      right_ + 0.01);
}

std::string Panels::Place(std::size_t i, const std::string& title) const {
  const double step = right_ / static_cast<double>(count_);
  return fmt::format(
      "set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\nset title {} font ',16'\n{}{}",
      step * static_cast<double>(i) + kAxis / width_,
      step * static_cast<double>(i + 1),
      Quoted(title),
      i > 0 ? "unset ylabel\n" : "",
      i + 1 < count_ ? "unset key\n"
                     : fmt::format("set key at screen {:.4f}, screen 0.90 top left Left reverse\n",
                                   right_ + 0.01));
}

std::string Chosen(const std::string& value, const std::vector<Condition>& conditions) {
  std::string all;
  for (const Condition& c : conditions)
    all += fmt::format("{}{}",
                       all.empty() ? "" : " && ",
                       c.text.empty() ? fmt::format("column(\"{}\") == {}", c.column, c.number)
                                      : fmt::format("strcol(\"{}\") eq \"{}\"", c.column, c.text));
  return fmt::format("({} ? column(\"{}\") : NaN)", all, value);
}

std::string LogarithmicTics(const std::string& axis) {
  std::string places;
  for (int power = -4; power <= 5; ++power)
    for (const int digit : {1, 2, 5})
      places += fmt::format("{}{}e{}", places.empty() ? "" : ", ", digit, power);
  return fmt::format("set logscale {0}\nset format {0} '%g'\nset {0}tics ({1})\n", axis, places);
}

std::string OrderedColour(std::size_t i, std::size_t count) {
  return Hex(Ordered(count < 2 ? 0 : static_cast<double>(i) / (static_cast<double>(count) - 1)));
}

}  // namespace denoscope
