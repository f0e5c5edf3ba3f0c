#include "denoscope/data/array_sets.h"

#include <ATen/ATen.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "denoscope/arrays/mapped_array.h"
#include "denoscope/arrays/npy.h"
#include "denoscope/base/process.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/zip.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

// Throws, naming the source, on any other element type or shape than those of images.
torch::ScalarType CheckedType(ElementType type, const Shape& shape, const std::string& source) {
  const bool images = (shape.size() == 3 || shape.size() == 4) && ElementCount(shape) > 0;
  if (images && type == ElementType::kUint8) return torch::kUInt8;
  if (images && type == ElementType::kFloat32) return torch::kFloat32;
  if (images && type == ElementType::kFloat64) return torch::kFloat64;
  throw Error(
      "images '{}': expected (N,C,H,W) or (N,H,W) of uint8, float32 or float64, found {} of {}",
      source,
      ShapeText(shape),
      ElementName(type));
}

torch::Tensor WithChannels(const torch::Tensor& images) {
  return images.dim() == 3 ? images.unsqueeze(1) : images;
}

torch::Tensor Mapped(const fs::path& path) {
  const MappedArray array = MapNpy(path);
  const torch::ScalarType type = CheckedType(array.type, array.shape, path.string());
  return at::from_blob(
      const_cast<void*>(array.data.get()), array.shape, [keep = array.data](void*) {}, type);
}

torch::Tensor TenthApart(const torch::Tensor& images,
                         const std::string& split,
                         const std::string& source) {
  const std::int64_t count = images.size(0), test = std::max<std::int64_t>(1, count / 10);
  if (count < 2)
    throw Error("images '{}': expected at least 2 to make two splits, found {}", source, count);
  return split == "test" ? images.slice(0, count - test, count) : images.slice(0, 0, count - test);
}

torch::Tensor FromNpz(const fs::path& path, const std::string& split) {
  const ZipArchive zip(OpenFile(path));
  const auto& entries = zip.Entries();
  const bool alone = entries.size() == 1;
  const ZipEntry* entry = alone ? &entries[0] : zip.Find(split + ".npy");
  if (!entry) {
    std::vector<std::string> names;
    for (const ZipEntry& e : entries) names.push_back(e.name);
    throw Error("npz '{}': expected members train.npy and test.npy, or one, found {}",
                path.string(),
                names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
  }
  const std::string source = path.string() + ":" + entry->name;
  // The bytes, the array and the tensor of them, two at a time.
  CheckMemory(fmt::format("images '{}'", source),
              2 * static_cast<std::int64_t>(std::min<std::uint64_t>(entry->size, INT64_MAX / 2)),
              "an NPZ file is read whole; NPY files are not");
  const Array array = ParseNpy(zip.Read(*entry), source);
  CheckedType(array.type, array.shape, source);
  const torch::Tensor images = WithChannels(ToTensor(array));
  return alone ? TenthApart(images, split, source) : images;
}

}  // namespace

bool IsArraySet(const fs::path& source) {
  std::error_code ignored;
  if (fs::is_directory(source, ignored))
    return fs::exists(source / "train.npy") || fs::exists(source / "test.npy");
  return fs::exists(source, ignored) &&
         (source.extension() == ".npy" || source.extension() == ".npz");
}

ImageSet LoadArraySet(const std::string& name, const fs::path& source, const std::string& split) {
  const bool folder = fs::is_directory(source);
  const fs::path file = folder ? source / (split + ".npy") : source;
  torch::Tensor images;
  if (file.extension() == ".npz") {
    images = FromNpz(file, split);
  } else {
    images = WithChannels(Mapped(file));
    if (!folder) images = TenthApart(images, split, file.string());
  }
  return {name, split, images, Sha256OfFile(file)};
}

}  // namespace denoscope
