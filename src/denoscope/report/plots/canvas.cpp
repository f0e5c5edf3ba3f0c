#include "denoscope/report/plots/canvas.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {

std::string Canvas::ScaleWords(double width) const {
  constexpr double kVisible = 0.97;
  const double scale = Wide(width) / width;
  if (scale > kVisible) return "";
  return fmt::format(" Made smaller as a whole: its letters are {:.1f} pt high or less.",
                     8 * scale);
}

double FigureWidth(const std::string& text) {
  constexpr double kLeast = 75, kMost = 400, kInch = 25.4;
  constexpr std::pair<const char*, double> kUnits[] = {
      {"mm", 1}, {"cm", 10}, {"in", kInch}, {"pt", kInch / 72}};
  const char* const end = text.data() + text.size();
  double number = 0;
  const auto [unit, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc())
    for (const auto& [name, millimetres] : kUnits)
      if (std::string(unit, end) == name) {
        const double width = number * millimetres;
        if (width >= kLeast && width <= kMost) return width;
        throw UsageError("figure width '{}': expected {} mm to {} mm, found {:.4g} mm",
                         text,
                         kLeast,
                         kMost,
                         width);
      }
  throw UsageError(
      "figure width '{0}': expected a number with its unit, mm, cm, in or pt, such as 85mm, found "
      "'{0}'",
      text);
}

}  // namespace denoscope
