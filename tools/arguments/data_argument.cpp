#include "tools/arguments/data_argument.h"

#include "denoscope/base/error.h"
#include "denoscope/data/photo.h"

namespace denoscope {
namespace {

// "64x48" or "64x48@10,20"
std::optional<Crop> ParseCrop(const std::string& text) {
  if (text.empty()) return std::nullopt;
  Crop crop;
  long long H = 0, W = 0, top = -1, left = -1;
  int used = 0;
  const auto size = static_cast<int>(text.size());
  const bool centred = std::sscanf(text.c_str(), "%lldx%lld%n", &H, &W, &used) == 2 && used == size;
  if (!centred) {
    const bool placed =
        std::sscanf(text.c_str(), "%lldx%lld@%lld,%lld%n", &H, &W, &top, &left, &used) == 4 &&
        used == size;
    if (!placed || top < 0 || left < 0)
      throw UsageError("--crop: expected HxW or HxW@TOP,LEFT, found '{}'", text);
    crop.corner = {{top, left}};
  }
  if (H < 1 || W < 1)
    throw UsageError("--crop: expected a height and width >= 1, found '{}'", text);
  crop.H = H;
  crop.W = W;
  return crop;
}

}  // namespace

void AddDataFlags(Command command, DataArguments& a) {
  command
      .Add("--data", a.data, "data set by name or path (denoscope data list), or one photo by path")
      .ShowDefault();
  command.Add("--split", a.split, "split of the data set").ShowDefault();
  command.Add(
      "--crop", a.crop, "of a photo: HxW from its centre, or HxW@TOP,LEFT; default: the whole");
}

ImageSet LoadImages(const DataArguments& a,
                    const DenoiserTraits& traits,
                    const ProgressSink& progress) {
  if (IsPhoto(a.data)) return LoadPhoto(a.data, traits.channels == 3 ? 3 : 1, ParseCrop(a.crop));
  if (!a.crop.empty())
    throw UsageError("--crop: for a photo by path, but --data is the set '{}'", a.data);
  return LoadImageSet(a.data, a.split, progress);
}

Splits LoadSplits(const std::string& data, const ProgressSink& progress) {
  if (IsPhoto(data))
    throw UsageError("--data: '{}' is one photo, expected a data set with a training split", data);
  return {LoadImageSet(data, "train", progress), LoadImageSet(data, "test", progress)};
}

}  // namespace denoscope
