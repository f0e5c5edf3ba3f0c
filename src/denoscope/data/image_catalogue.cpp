#include "denoscope/data/image_catalogue.h"

#include <fmt/format.h>

#include "denoscope/base/error.h"
#include "denoscope/data/fetch_packages.h"
#include "denoscope/data/idx_sets.h"
#include "denoscope/data/photos.h"
#include "denoscope/data/synthetic_images.h"

namespace denoscope {
namespace {

std::string SizeText(std::int64_t train, std::int64_t test, const ImageShape& s) {
  return fmt::format("{} + {} of {}x{}x{}", train, test, s.C, s.H, s.W);
}

std::string SizeText(const std::string& spec, const ProgressSink& progress) {
  const ImageSet train = LoadImageSet(spec, "train", progress);
  const ImageSet test = LoadImageSet(spec, "test", progress);
  return SizeText(train.Count(), test.Count(), train.ImageSize());
}

ListedSet Listed(const IdxSet& set) {
  try {
    const std::string path = FindIdxFile(set.name, "train").parent_path().string();
    return {set.name, "in " + path, SizeText(set.name, [](const Progress&) {})};
  } catch (const Error& e) {
    return {set.name, e.what(), ""};
  }
}

ListedSet ListedPhotos() {
  const std::string name = kPhotosName;
  const std::string about = "patches of photographs in Debian packages; options as of a folder";
  try {
    return {name, about, SizeText(name, [](const Progress&) {})};
  } catch (const Error& e) {
    return {name, fmt::format("{}; {}", about, e.what()), ""};
  }
}

}  // namespace

std::vector<ListedSet> AllImageSets() {
  std::vector<ListedSet> sets;
  for (const IdxSet& set : IdxSets()) sets.push_back(Listed(set));
  sets.push_back(ListedPhotos());
  for (const SyntheticKind& kind : SyntheticKinds()) {
    const SyntheticImages images(ParseDataSpec(kind.name));
    sets.push_back({kind.name,
                    kind.summary + "; " + kind.options,
                    SizeText(images.Count("train"), images.Count("test"), images.Shape())});
  }
  return sets;
}

std::string PrepareImageSet(const std::string& text, const ProgressSink& progress) {
  const DataSpec spec = ParseDataSpec(text);
  if (spec.source == kPhotosName && !IsCached(PhotoSet(spec).canonical) && !PhotosArePresent())
    FetchPackages(PhotoPackages(), PhotoFolder(), progress);
  return SizeText(text, progress);
}

}  // namespace denoscope
