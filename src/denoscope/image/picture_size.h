// How large a picture claims to be, before anything is decoded: a file of a few kilobytes can
// unpack to gigabytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace denoscope {

struct PictureSize {
  std::int64_t width = 0, height = 0;  // pixels
};

// From the header of a PNG, JPEG or BMP file's content; empty for anything else and when it is cut
// short. Sources: ISO/IEC 15948 (IHDR); ITU-T T.81, B.2.2 (frame header); BITMAPINFOHEADER.
std::optional<PictureSize> SizeInHeader(std::string_view content);

}  // namespace denoscope
