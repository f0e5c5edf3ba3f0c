// Whether the noise level at which something emerges lies inside the range of those looked at.
#pragma once

#include "denoscope/base/enum_names.h"

namespace denoscope {

enum class Censoring {
  kNone,        // inside
  kBelow,       // below the range: already below the threshold at the smallest sigma
  kAbove,       // above the range: still above the threshold at the largest sigma
  kNoCrossing,  // not a number somewhere: there is no reading
  kNotComputed,
};
template <>
struct EnumNames<Censoring> {
  static constexpr const char* kWhat = "censoring";
  static constexpr EnumName<Censoring> kNames[] = {{Censoring::kNone, "none"},
                                                   {Censoring::kBelow, "below"},
                                                   {Censoring::kAbove, "above"},
                                                   {Censoring::kNoCrossing, "no_crossing"},
                                                   {Censoring::kNotComputed, "not_computed"}};
};

}  // namespace denoscope
