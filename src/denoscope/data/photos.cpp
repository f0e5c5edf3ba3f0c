#include "denoscope/data/photos.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "denoscope/base/error.h"
#include "denoscope/data/folder_sets.h"
#include "denoscope/data/photo_list.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/cache_folder.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

std::vector<PictureFile> Photographs() { return ParsePhotoList(kPhotoList, PhotoFolder()); }

}  // namespace

std::vector<PictureFile> ParsePhotoList(const std::string& table, const fs::path& folder) {
  std::vector<PictureFile> files;
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line);  // the heading
  for (int number = 2; std::getline(lines, line); ++number) {
    std::istringstream fields(line);
    std::string package, path, split, sha256, more;
    fields >> package >> path >> split >> sha256;
    const bool whole = sha256.size() == 64 && !(fields >> more);
    if (!whole || (split != "train" && split != "test"))
      throw Error("photo list, line {}: expected package, path, train or test, sha256, found '{}'",
                  number,
                  line);
    files.push_back({folder / package / path, package + "/" + path, split == "test", sha256});
  }
  return files;
}

fs::path PhotoFolder() { return CacheFolder() / "photos"; }

std::vector<std::string> PhotoPackages() {
  std::set<std::string> packages;
  for (const PictureFile& file : Photographs())
    packages.insert(file.name.substr(0, file.name.find('/')));
  return {packages.begin(), packages.end()};
}

bool PhotosArePresent() {
  const std::vector<PictureFile> files = Photographs();
  return std::all_of(files.begin(), files.end(), [](const PictureFile& file) {
    return fs::is_regular_file(file.path);
  });
}

PictureSet PhotoSet(const DataSpec& spec) {
  PictureSet set;
  set.name = spec.text;
  set.cut = {32, false, 4, 3};
  set.strict = true;
  SpecOptions options(spec);
  ReadCutOptions(options, set.cut);
  if (options.Flag("gray")) set.cut.channels = 1;
  options.Finish();
  set.files = Photographs();
  set.canonical = fmt::format("photos\n{}\n{}", options.Canonical(), Sha256Hex(kPhotoList));
  return set;
}

ImageSet LoadPhotos(const DataSpec& spec, const std::string& split, const ProgressSink& progress) {
  const PictureSet set = PhotoSet(spec);
  if (!IsCached(set.canonical) && !PhotosArePresent())
    throw Error(
        "data set '{}': not prepared; run `denoscope data prepare {}`", spec.text, spec.text);
  return LoadPictureSet(set, split, progress);
}

}  // namespace denoscope
