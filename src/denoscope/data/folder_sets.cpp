#include "denoscope/data/folder_sets.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostSide = 1 << 14;

bool IsPictureName(const fs::path& path) {
  constexpr std::array<std::string_view, 4> kEndings = {".png", ".jpg", ".jpeg", ".bmp"};
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
    return std::tolower(c);
  });
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

// Sorted by relative path, which is the name.
std::vector<PictureFile> Pictures(const fs::path& folder) {
  std::vector<PictureFile> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && IsPictureName(entry.path()))
      files.push_back(
          {entry.path(), entry.path().lexically_relative(folder).generic_string(), false, ""});
  std::sort(files.begin(), files.end(), [](const PictureFile& a, const PictureFile& b) {
    return a.name < b.name;
  });
  return files;
}

void Split(std::vector<PictureFile>& files) {
  std::vector<std::pair<std::string, PictureFile*>> order;
  for (PictureFile& file : files) order.emplace_back(Sha256Hex(file.name), &file);
  std::sort(order.begin(), order.end());
  const std::size_t test = std::max<std::size_t>(1, files.size() / 10);
  for (std::size_t i = 0; i < test; ++i) order[i].second->test = true;
}

// Size and time of last change, by which the cache knows the file again.
std::string Stamp(const fs::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return "gone";
  return fmt::format("{} {}.{:09}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

}  // namespace

void ReadCutOptions(SpecOptions& options, CutOptions& cut) {
  cut.size = options.Integer("size", cut.size, 0, kMostSide);
  cut.centre = options.Flag("centre");
  cut.downscale = options.Integer("downscale", cut.downscale, 1, kMostSide);
  if (cut.centre && cut.size == 0) options.Refuse("centre", "expected size=N beside it");
}

PictureSet FolderSet(const DataSpec& spec) {
  PictureSet set;
  set.name = spec.text;
  SpecOptions options(spec);
  ReadCutOptions(options, set.cut);
  const bool gray = options.Flag("gray"), colour = options.Flag("colour");
  if (gray && colour) options.Refuse("gray", "expected gray or colour, found both");
  set.cut.channels = gray ? 1 : colour ? 3 : 0;
  set.strict = options.Flag("strict");
  options.Finish();
  set.files = Pictures(spec.source);
  if (set.files.size() < 2)
    throw Error("data set '{}': expected at least 2 pictures (png, jpg, jpeg, bmp), found {}",
                spec.text,
                set.files.size());
  Split(set.files);
  set.canonical = fs::canonical(spec.source).string() + "\n" + options.Canonical();
  for (const PictureFile& file : set.files)
    set.canonical += fmt::format("\n{} {}", file.name, Stamp(file.path));
  return set;
}

}  // namespace denoscope
