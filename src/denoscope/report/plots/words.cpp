#include "denoscope/report/plots/words.h"

#include <fmt/format.h>

#include <cmath>

namespace denoscope {

std::string Counted(std::size_t count, const std::string& thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string Decimal(double value) {
  return std::isfinite(value) ? fmt::format("{:.2f}", value) : "undefined";
}

std::string Signed(double value) {
  if (!std::isfinite(value)) return "n/a";
  const std::string digits = fmt::format("{:.2f}", std::abs(value));
  return value < 0 && digits != "0.00" ? "−" + digits : digits;
}

std::string PlusMinus(double value, double error) {
  if (!std::isfinite(value)) return "undefined";
  return std::isfinite(error) ? fmt::format("{:.3f} +- {:.3f}", value, error)
                              : fmt::format("{:.3f}", value);
}

std::string EstimateText(const IntervalEstimate& e) {
  if (!std::isfinite(e.low)) return Decimal(e.value);
  return fmt::format("{} (95 % {} to {})", Decimal(e.value), Decimal(e.low), Decimal(e.high));
}

std::string SigmaText(double sigma) { return fmt::format("{:.3g}", sigma); }
std::string SigmaName(double sigma) { return fmt::format("{:.6f}", sigma); }

}  // namespace denoscope
