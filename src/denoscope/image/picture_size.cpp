#include "denoscope/image/picture_size.h"

#include <cstddef>
#include <cstdlib>

#include "denoscope/files/little_endian.h"

namespace denoscope {
namespace {

using namespace std::string_view_literals;

bool StartsWith(std::string_view content, std::string_view start) {
  return content.substr(0, start.size()) == start;
}

std::int64_t BigEndian(std::string_view content, std::size_t at, std::size_t bytes) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value = 256 * value + static_cast<unsigned char>(content[at + i]);
  return value;
}

std::int64_t LittleEndian32(std::string_view content, std::size_t at) {
  return static_cast<std::int32_t>(LittleEndian(content.substr(at, 4)));
}

std::optional<PictureSize> OfPng(std::string_view content) {
  constexpr std::size_t kWidth = 16, kHeight = 20;  // IHDR comes first
  if (content.size() < kHeight + 4 || content.substr(12, 4) != "IHDR") return std::nullopt;
  return PictureSize{BigEndian(content, kWidth, 4), BigEndian(content, kHeight, 4)};
}

// Segments FF, kind, size of the rest; the frame's is C0 to CF but for three kinds of table.
std::optional<PictureSize> OfJpeg(std::string_view content) {
  std::size_t at = 2;
  while (at + 9 <= content.size() && content[at] == '\xff') {
    const auto kind = static_cast<unsigned char>(content[at + 1]);
    if (kind == 0xff) {  // a fill byte
      ++at;
      continue;
    }
    const bool frame = kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 && kind != 0xc8 && kind != 0xcc;
    if (frame) return PictureSize{BigEndian(content, at + 7, 2), BigEndian(content, at + 5, 2)};
    at += 2 + static_cast<std::size_t>(BigEndian(content, at + 2, 2));
  }
  return std::nullopt;
}

std::optional<PictureSize> OfBmp(std::string_view content) {
  constexpr std::size_t kHeaderSize = 14, kWidth = 18, kHeight = 22;
  if (content.size() < kHeight + 4 || LittleEndian32(content, kHeaderSize) < 40)
    return std::nullopt;
  const std::int64_t height = LittleEndian32(content, kHeight);  // negative: rows from the top
  return PictureSize{LittleEndian32(content, kWidth), std::abs(height)};
}

}  // namespace

std::optional<PictureSize> SizeInHeader(std::string_view content) {
  if (StartsWith(content, "\x89PNG\r\n\x1a\n"sv)) return OfPng(content);
  if (StartsWith(content, "\xff\xd8"sv)) return OfJpeg(content);
  if (StartsWith(content, "BM"sv)) return OfBmp(content);
  return std::nullopt;
}

}  // namespace denoscope
