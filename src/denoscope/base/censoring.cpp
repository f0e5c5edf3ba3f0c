#include "denoscope/base/censoring.h"

#include <array>
#include <string_view>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr std::array<std::pair<Censoring, std::string_view>, 5> kCensoringNames = {
    {{Censoring::kNone, "none"},
     {Censoring::kBelow, "below"},
     {Censoring::kAbove, "above"},
     {Censoring::kNoCrossing, "no_crossing"},
     {Censoring::kNotComputed, "not_computed"}}};

}  // namespace

std::string CensoringName(Censoring c) {
  for (const auto& [censoring, name] : kCensoringNames) {
    if (censoring == c) return std::string(name);
  }
  throw Error(
      "censoring: value is {}, expected 0 to {}", static_cast<int>(c), kCensoringNames.size() - 1);
}

Censoring CensoringFromName(const std::string& name) {
  for (const auto& [censoring, known] : kCensoringNames) {
    if (known == name) return censoring;
  }
  throw Error("censoring '{}': expected none, below, above, no_crossing or not_computed", name);
}

}  // namespace denoscope
