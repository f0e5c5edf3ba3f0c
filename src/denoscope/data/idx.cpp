#include "denoscope/data/idx.h"

#include "denoscope/files/atomic_file.h"

namespace denoscope {

Array ReadIdx(const std::filesystem::path& path) {
  return ParseIdx(ReadGzipFile(path), path.string());
}

Array ParseIdx(std::string_view content, std::string_view name) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(content[i]); };
  constexpr unsigned kUnsignedByte = 8;
  if (content.size() < 4 || byte(0) != 0 || byte(1) != 0 || byte(2) != kUnsignedByte)
    throw Error("idx '{}': expected the magic number of unsigned bytes (00 00 08 ..)", name);
  const std::size_t dimensions = byte(3);
  if (dimensions < 1 || dimensions > 4)
    throw Error("idx '{}': expected 1 to 4 dimensions, found {}", name, dimensions);
  const std::size_t header = 4 + 4 * dimensions;
  if (content.size() < header)
    throw Error(
        "idx '{}': truncated header, expected {} bytes, found {}", name, header, content.size());
  Array a;
  a.type = ElementType::kUint8;
  for (std::size_t i = 0; i < dimensions; ++i) {
    std::int64_t size = 0;
    for (std::size_t j = 0; j < 4; ++j) size = 256 * size + byte(4 + 4 * i + j);
    a.shape.push_back(size);
  }
  std::size_t expected = 0;
  try {
    expected = ByteCount(a.type, a.shape);
  } catch (const Error& e) {
    throw Error("idx '{}': {}", name, e.what());
  }
  if (content.size() - header != expected)
    throw Error("idx '{}': shape {} needs {} bytes, found {}",
                name,
                ShapeText(a.shape),
                expected,
                content.size() - header);
  a.bytes.assign(content.begin() + static_cast<std::ptrdiff_t>(header), content.end());
  return a;
}

}  // namespace denoscope
