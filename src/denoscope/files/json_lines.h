// JSON as lines of text that can be compared one by one.
#pragma once

#include <string>

#include "denoscope/files/json.h"

namespace denoscope {

std::string JsonLines(const Json& json);  // "a.b.0=1\n", a line a value, in order

}  // namespace denoscope
