#include "denoscope/data/image_set.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdlib>

#include "denoscope/data/idx.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

struct KnownSet {
  const char* name;
  const char* system_folder;  // where a package of the system puts it
  const char* how_to_get;
};
constexpr KnownSet kKnownSets[] = {
    {"fashion-mnist",
     "/usr/share/datasets/fashion-mnist",
     "install the Debian package dataset-fashion-mnist"},
    {"mnist",
     "/usr/share/datasets/mnist",
     "put the four IDX files train-images-idx3-ubyte.gz, t10k-images-idx3-ubyte.gz, .. there"},
};

const KnownSet& FindKnownSet(const std::string& name) {
  for (const KnownSet& set : kKnownSets)
    if (name == set.name) return set;
  throw Error(
      "data set '{}': unknown, expected one of: {}", name, fmt::join(ImageSetNames(), ", "));
}

std::vector<fs::path> Folders(const KnownSet& set) {
  std::vector<fs::path> folders;
  if (const char* root = std::getenv("DENOSCOPE_DATA"))
    folders.push_back(fs::path(root) / set.name);
  folders.emplace_back(set.system_folder);
  return folders;
}

fs::path FindFile(const KnownSet& set, const std::string& stem) {
  std::string tried;
  for (const fs::path& folder : Folders(set)) {
    for (const char* ending : {".gz", ""}) {
      fs::path path = folder / (stem + ending);
      if (fs::exists(path)) return path;
    }
    tried += (tried.empty() ? "'" : ", '") + (folder / stem).string() + "[.gz]'";
  }
  throw Error(
      "data set '{}': not installed, looked for {}; {}, or set DENOSCOPE_DATA to the folder "
      "that holds '{}/'",
      set.name,
      tried,
      set.how_to_get,
      set.name);
}

}  // namespace

ImageSet::ImageSet(std::string name, std::string split, torch::Tensor bytes, std::string sha256)
    : name_(std::move(name)),
      split_(std::move(split)),
      bytes_(std::move(bytes)),
      sha256_(std::move(sha256)) {
  if (bytes_.dim() != 4 || bytes_.scalar_type() != torch::kUInt8)
    throw Error("data set '{}': expected images (N,C,H,W) of bytes, found shape {}",
                name_,
                ShapeText(ShapeOf(bytes_)));
}

ImageShape ImageSet::ImageSize() const { return {bytes_.size(1), bytes_.size(2), bytes_.size(3)}; }

torch::Tensor ImageSet::Images(const std::vector<std::int64_t>& indices) const {
  for (const std::int64_t i : indices)
    if (i < 0 || i >= Count())
      throw Error("data set '{}' ({}): image {} does not exist, expected 0 to {}",
                  name_,
                  split_,
                  i,
                  Count() - 1);
  return bytes_.index_select(0, torch::tensor(indices, torch::kInt64)).to(torch::kFloat32) / 255;
}

torch::Tensor ImageSet::Range(std::int64_t begin, std::int64_t end) const {
  return bytes_.slice(0, begin, end).to(torch::kFloat32) / 255;
}

ImageSet ImageSet::Subset(std::int64_t begin, std::int64_t end) const {
  return {name_, split_, bytes_.slice(0, begin, end), sha256_};
}

std::vector<std::string> ImageSetNames() {
  std::vector<std::string> names;
  for (const KnownSet& set : kKnownSets) names.emplace_back(set.name);
  return names;
}

ImageSet LoadImageSet(const std::string& name, const std::string& split) {
  const KnownSet& set = FindKnownSet(name);
  if (split != "train" && split != "test")
    throw Error("data set '{}': no split '{}', expected train or test", name, split);
  const fs::path path =
      FindFile(set, split == "train" ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte");
  const std::string content = ReadGzipFile(path);
  const Array array = ParseIdx(content, path.string());
  if (array.shape.size() != 3)
    throw Error(
        "idx '{}': expected images (N,H,W), found shape {}", path.string(), ShapeText(array.shape));
  return {name, split, ToTensor(array).unsqueeze(1), Sha256Hex(content)};
}

Pca PcaOf(const ImageSet& images) {
  constexpr std::int64_t kBlock = 2048;
  CovarianceAccumulator sums(images.ImageSize().Size());
  for (std::int64_t begin = 0; begin < images.Count(); begin += kBlock) {
    const torch::Tensor block =
        images.Range(begin, std::min(begin + kBlock, images.Count())).flatten(1);
    sums.Add(ToMatrixD(block).transpose());
  }
  return ComputePca(sums);
}

}  // namespace denoscope
