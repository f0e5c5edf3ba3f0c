// Sets of images cut from picture files, and their cache.
//
// Pictures are decoded once: what was cut lies as train.npy and test.npy, with set.json beside, in
// CacheFolder()/sets/KEY, where KEY is a hash of all that decides it. The folder may be deleted at
// any time. A picture gives images to one split only, and there they are mixed with those of all
// others, in an order that is always the same.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/data/data_spec.h"
#include "denoscope/data/image_set.h"

namespace denoscope {

struct CutOptions {
  std::int64_t size = 0;       // side of the images, pixels after scaling; 0: the whole picture
  bool centre = false;         // one image at the centre, not all of a grid from the top left
  std::int64_t downscale = 1;  // pixels averaged to one along each axis, >= 1
  std::int64_t channels = 0;   // 1 or 3; 0: as the pictures are
};

// The images of one 8-bit picture, gray or BGR: (n,C,H,W) bytes, n = 0 where it is too small.
torch::Tensor CutPicture(const cv::Mat& picture, const CutOptions& options);

struct PictureFile {
  std::filesystem::path path;
  std::string name;    // for messages and the record
  bool test = false;   // its split, else train
  std::string sha256;  // of its content, checked; "": any content
};

struct PictureSet {
  std::string name;       // the data set, for messages
  std::string canonical;  // with the files: all that decides the images
  CutOptions cut;
  bool strict = false;  // a picture that cannot be used is an error, else skipped and counted
  std::vector<PictureFile> files;
};

// Whether the cache holds the set.
bool IsCached(const std::string& canonical);
// One split from the cache, which is made first where it is not. Reports to `progress` how many
// pictures were skipped. Throws when pictures give images of different shapes, when one has another
// sha256 than it should, and when a split gets no image.
ImageSet LoadPictureSet(const PictureSet& set,
                        const std::string& split,
                        const ProgressSink& progress);
ImageSet LoadCached(const std::string& name,
                    const std::string& canonical,
                    const std::string& split,
                    const ProgressSink& progress);

}  // namespace denoscope
