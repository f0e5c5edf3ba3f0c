#include "denoscope/data/picture_sets.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "denoscope/arrays/npy_header.h"
#include "denoscope/base/cancel.h"
#include "denoscope/base/process.h"
#include "denoscope/base/random.h"
#include "denoscope/data/array_sets.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/cache_folder.h"
#include "denoscope/files/json.h"
#include "denoscope/image/png.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

constexpr int kCacheVersion = 1;  // of what CutPicture makes of a picture

fs::path CacheOf(const std::string& canonical) {
  const std::string text = fmt::format("{}\n{}", kCacheVersion, canonical);
  return CacheFolder() / "sets" / Sha256Hex(text).substr(0, 32);
}

// The images of one split as they are cut.
struct Cuts {
  std::vector<torch::Tensor> blocks;
  std::int64_t images = 0;
};

// In an order drawn once and for all: the first images of a split come from all of its pictures.
void WriteCuts(const fs::path& path, const Cuts& cuts) {
  Shape shape = ShapeOf(cuts.blocks[0]);
  shape[0] = cuts.images;
  const std::string header = NpyHeader(ElementType::kUint8, shape);
  AtomicFile file(path);
  file.Write(header.data(), header.size());
  const std::size_t bytes = cuts.blocks[0][0].nbytes();
  std::vector<const std::uint8_t*> images;
  for (const torch::Tensor& block : cuts.blocks)
    for (std::int64_t i = 0; i < block.size(0); ++i)
      images.push_back(block.data_ptr<std::uint8_t>() + static_cast<std::size_t>(i) * bytes);
  for (const std::int64_t i : RandomStream(0, "order of cuts").Permutation(cuts.images))
    file.Write(images[static_cast<std::size_t>(i)], bytes);
  file.Commit();
}

class Cutter {
 public:
  Cutter(const PictureSet& set, const ProgressSink& progress) : set_(set), progress_(progress) {}

  void Run(const fs::path& folder) {
    for (const PictureFile& file : set_.files) {
      StopIfCancelled("cutting pictures");
      progress_({"cutting pictures", done_++, Total(), 0, "pictures", SkippedText()});
      Add(file);
    }
    progress_({"cutting pictures", Total(), Total(), 0, "pictures", SkippedText()});
    for (const bool test : {false, true})
      if (cuts_[test].images == 0)
        throw Error(
            "data set '{}': expected images in the {} split, none of its {} pictures gave any{}",
            set_.name,
            test ? "test" : "train",
            CountOf(test),
            first_skipped_.empty() ? "" : ": " + first_skipped_);
    fs::create_directories(folder);
    WriteCuts(folder / "train.npy", cuts_[false]);
    WriteCuts(folder / "test.npy", cuts_[true]);
    // Last: the cache is whole once this is there.
    const Json record = {{"set", set_.name},
                         {"canonical", set_.canonical},
                         {"pictures", Total()},
                         {"skipped", skipped_},
                         {"first_skipped", first_skipped_},
                         {"train", cuts_[false].images},
                         {"test", cuts_[true].images}};
    WriteJson(folder / "set.json", record);
  }

 private:
  const PictureSet& set_;
  const ProgressSink& progress_;
  Cuts cuts_[2];  // train, test
  Shape shape_;   // (C,H,W) of every image
  std::string shape_from_, first_skipped_;
  std::int64_t done_ = 0, skipped_ = 0;

  std::int64_t Total() const { return static_cast<std::int64_t>(set_.files.size()); }

  std::int64_t CountOf(bool test) const {
    return std::count_if(set_.files.begin(), set_.files.end(), [&](const PictureFile& file) {
      return file.test == test;
    });
  }

  std::string SkippedText() const {
    return skipped_ == 0 ? "" : fmt::format("{} skipped", skipped_);
  }

  void Add(const PictureFile& file) {
    if (!file.sha256.empty()) CheckContent(file);
    torch::Tensor images;
    try {
      images = CutPicture(ReadPicture(file.path, PictureColour::kAsStored), set_.cut);
      if (images.size(0) == 0)
        throw Error("picture '{}': too small for an image of {} after scaling by 1/{}",
                    file.path.string(),
                    set_.cut.size,
                    set_.cut.downscale);
    } catch (const Error& e) {
      if (set_.strict) throw;
      if (skipped_++ == 0) first_skipped_ = e.what();
      return;
    }
    CheckShape(images, file);
    CheckMemory(fmt::format("data set '{}'", set_.name),
                static_cast<std::int64_t>(images.nbytes()),
                fmt::format("images of {} pictures, after {} of them", Total(), done_));
    Cuts& cuts = cuts_[file.test];
    cuts.images += images.size(0);
    cuts.blocks.push_back(images);
  }

  void CheckContent(const PictureFile& file) const {
    const std::string found = Sha256OfFile(file.path);
    if (found != file.sha256)
      throw Error(
          "picture '{}': expected sha256 {}, found {}", file.path.string(), file.sha256, found);
  }

  void CheckShape(const torch::Tensor& images, const PictureFile& file) {
    const Shape shape = ShapeOf(images[0]);
    if (shape_.empty()) {
      shape_ = shape;
      shape_from_ = file.name;
    }
    if (shape != shape_)
      throw Error(
          "data set '{}': expected images of one shape, found {} in '{}' and {} in '{}'; size=N "
          "cuts patches, gray or colour decides on channels",
          set_.name,
          ShapeText(shape_),
          shape_from_,
          ShapeText(shape),
          file.name);
  }
};

}  // namespace

torch::Tensor CutPicture(const cv::Mat& picture, const CutOptions& o) {
  const auto scale = static_cast<int>(o.downscale);
  const int rows = picture.rows / scale, cols = picture.cols / scale;
  const std::int64_t channels = o.channels == 0 ? picture.channels() : o.channels;
  const std::int64_t height = o.size == 0 ? rows : o.size, width = o.size == 0 ? cols : o.size;
  if (rows < std::max<std::int64_t>(height, 1) || cols < std::max<std::int64_t>(width, 1))
    return torch::empty({0, channels, height, width}, torch::kUInt8);
  cv::Mat scaled = picture(cv::Rect(0, 0, cols * scale, rows * scale));
  if (scale > 1) cv::resize(scaled, scaled, {cols, rows}, 0, 0, cv::INTER_AREA);
  torch::Tensor pixels = PictureTensor(scaled, channels);
  if (o.centre)
    pixels = pixels.slice(1, (rows - height) / 2, (rows - height) / 2 + height)
                 .slice(2, (cols - width) / 2, (cols - width) / 2 + width);
  const std::int64_t down = pixels.size(1) / height, across = pixels.size(2) / width;
  return pixels.slice(1, 0, down * height)
      .slice(2, 0, across * width)
      .reshape({channels, down, height, across, width})
      .permute({1, 3, 0, 2, 4})
      .reshape({-1, channels, height, width})
      .contiguous();
}

bool IsCached(const std::string& canonical) { return fs::exists(CacheOf(canonical) / "set.json"); }

ImageSet LoadCached(const std::string& name,
                    const std::string& canonical,
                    const std::string& split,
                    const ProgressSink& progress) {
  const fs::path folder = CacheOf(canonical);
  const fs::path file = folder / "set.json";
  const Json record = ReadJson(file);
  const auto pictures = JsonField<std::int64_t>(record, "pictures", file);
  const auto skipped = JsonField<std::int64_t>(record, "skipped", file);
  if (skipped > 0) {
    const auto first = JsonField<std::string>(record, "first_skipped", file);
    progress({"pictures of " + name,
              pictures,
              pictures,
              0,
              "pictures",
              fmt::format("{} skipped, first: {}", skipped, first)});
  }
  return LoadArraySet(name, folder, split);
}

ImageSet LoadPictureSet(const PictureSet& set,
                        const std::string& split,
                        const ProgressSink& progress) {
  if (!IsCached(set.canonical)) Cutter(set, progress).Run(CacheOf(set.canonical));
  return LoadCached(set.name, set.canonical, split, progress);
}

}  // namespace denoscope
