#include "denoscope/files/json_lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace denoscope {

std::string JsonLines(const Json& json) {
  std::string lines;
  const Json flat = json.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    std::string name = pointer.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    lines += fmt::format("{}={}\n", name, value.dump());
  }
  return lines;
}

}  // namespace denoscope
