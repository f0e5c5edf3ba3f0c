// Whether the noise level at which something emerges lies inside the range of those looked at.
#pragma once

#include <string>

namespace denoscope {

enum class Censoring {
  kNone,        // inside
  kBelow,       // below the range: already below the threshold at the smallest sigma
  kAbove,       // above the range: still above the threshold at the largest sigma
  kNoCrossing,  // not a number somewhere: there is no reading
  kNotComputed,
};
std::string CensoringName(Censoring c);  // none|below|above|no_crossing|not_computed
Censoring CensoringFromName(const std::string& name);

}  // namespace denoscope
