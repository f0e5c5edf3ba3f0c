#include "denoscope/arrays/npy.h"

#include <algorithm>
#include <cstring>

#include "denoscope/arrays/npy_header.h"
#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/byte_source.h"
#include "denoscope/files/zip.h"

namespace denoscope {
namespace {

std::vector<std::uint8_t> RowMajor(std::string_view column_major,
                                   const Shape& shape,
                                   std::size_t size) {
  std::vector<std::size_t> stride(shape.size(), size);  // bytes between neighbours in the source
  for (std::size_t k = 1; k < shape.size(); ++k)
    stride[k] = stride[k - 1] * static_cast<std::size_t>(shape[k - 1]);
  std::vector<std::int64_t> index(shape.size(), 0);
  std::vector<std::uint8_t> bytes(column_major.size());
  std::size_t source = 0;
  for (std::size_t target = 0; target < bytes.size(); target += size) {
    std::memcpy(bytes.data() + target, column_major.data() + source, size);
    for (std::size_t k = shape.size(); k > 0; --k) {
      source += stride[k - 1];
      if (++index[k - 1] < shape[k - 1]) break;
      source -= stride[k - 1] * static_cast<std::size_t>(shape[k - 1]);
      index[k - 1] = 0;
    }
  }
  return bytes;
}

std::string_view Body(const Array& array) {
  return {reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size()};
}

}  // namespace

Array ParseNpy(std::string_view content, std::string_view name) {
  const NpyLayout layout = ParseNpyHeader(content, name);
  const std::string_view data = content.substr(layout.offset);
  Array array;
  array.type = layout.type;
  array.shape = layout.shape;
  if (layout.fortran_order) {
    array.bytes = RowMajor(data, layout.shape, ElementSize(layout.type));
  } else {
    array.bytes.assign(data.begin(), data.end());
  }
  return array;
}

std::string NpyHeader(const Array& array) {
  if (array.bytes.size() != ByteCount(array.type, array.shape))
    throw Error("array of shape {} of {}: expected {} bytes, found {}",
                ShapeText(array.shape),
                ElementName(array.type),
                ByteCount(array.type, array.shape),
                array.bytes.size());
  return NpyHeader(array.type, array.shape);
}

Array ReadNpy(const std::filesystem::path& path) { return ParseNpy(ReadFile(path), path.string()); }

void WriteNpy(const std::filesystem::path& path, const Array& array) {
  const std::string header = NpyHeader(array);
  AtomicFile file(path);
  file.Write(header.data(), header.size());
  file.Write(array.bytes.data(), array.bytes.size());
  file.Commit();
}

Npz ReadNpz(const std::filesystem::path& path) {
  constexpr std::string_view kSuffix = ".npy";
  Npz arrays;
  const ZipArchive zip(OpenFile(path));
  for (const ZipEntry& entry : zip.Entries()) {
    const std::string& name = entry.name;
    const std::size_t stem = name.size() - std::min(name.size(), kSuffix.size());
    if (name.substr(stem) != kSuffix)
      throw Error("npz '{}': expected members named *.npy, found '{}'", path.string(), name);
    arrays[name.substr(0, stem)] =
        ParseNpy(zip.Read(entry), fmt::format("{}:{}", path.string(), name));
  }
  return arrays;
}

void WriteNpz(const std::filesystem::path& path, const Npz& arrays) {
  ZipWriter zip(path);
  for (const auto& [name, array] : arrays) zip.Add(name + ".npy", NpyHeader(array), Body(array));
  zip.Commit();
}

}  // namespace denoscope
