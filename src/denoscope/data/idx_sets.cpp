#include "denoscope/data/idx_sets.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdlib>

#include "denoscope/data/idx.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Folders(const IdxSet& set) {
  std::vector<fs::path> folders;
  if (const char* root = std::getenv("DENOSCOPE_DATA"))
    folders.push_back(fs::path(root) / set.name);
  folders.emplace_back(set.system_folder);
  return folders;
}

}  // namespace

const std::vector<IdxSet>& IdxSets() {
  static const std::vector<IdxSet> sets = {
      {"fashion-mnist",
       "/usr/share/datasets/fashion-mnist",
       "install the Debian package dataset-fashion-mnist"},
      {"mnist",
       "/usr/share/datasets/mnist",
       "put the four IDX files train-images-idx3-ubyte.gz, t10k-images-idx3-ubyte.gz, .. there"},
  };
  return sets;
}

bool IsIdxSet(const std::string& name) {
  const auto& sets = IdxSets();
  return std::any_of(sets.begin(), sets.end(), [&](const IdxSet& set) { return set.name == name; });
}

fs::path FindIdxFile(const std::string& name, const std::string& split) {
  const auto& sets = IdxSets();
  const IdxSet& set =
      *std::find_if(sets.begin(), sets.end(), [&](const IdxSet& s) { return s.name == name; });
  const std::string stem = split == "train" ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte";
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

ImageSet LoadIdxSet(const DataSpec& spec, const std::string& split) {
  SpecOptions(spec).Finish();
  const fs::path path = FindIdxFile(spec.source, split);
  const std::string content = ReadGzipFile(path);
  const Array array = ParseIdx(content, path.string());
  if (array.shape.size() != 3)
    throw Error(
        "idx '{}': expected images (N,H,W), found shape {}", path.string(), ShapeText(array.shape));
  return {spec.text, split, ToTensor(array).unsqueeze(1), Sha256Hex(content)};
}

}  // namespace denoscope
