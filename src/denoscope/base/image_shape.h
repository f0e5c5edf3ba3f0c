// The size of an image: channels, height and width. d = C H W values, numbered C,H,W row-major.
#pragma once

#include <cstdint>

namespace denoscope {

struct ImageShape {
  std::int64_t C = 1, H = 0, W = 0;
  std::int64_t Size() const { return C * H * W; }
  bool operator==(const ImageShape& o) const { return C == o.C && H == o.H && W == o.W; }
  bool operator!=(const ImageShape& o) const { return !(*this == o); }
};

}  // namespace denoscope
