// A figure that has been written.
#pragma once

#include <filesystem>
#include <string>

#include "denoscope/report/plots/canvas.h"

namespace denoscope {

struct Figure {
  std::filesystem::path path;  // of the PNG; the SVG lies beside it
  std::string caption;
};

}  // namespace denoscope
