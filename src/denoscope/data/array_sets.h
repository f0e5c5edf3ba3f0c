// Sets of images in NumPy's files: (N,C,H,W), or (N,H,W) for one channel, of uint8, float32 or
// float64.
//   FOLDER with train.npy and test.npy    a file a split
//   FILE.npz                              members train and test, or one member
//   FILE.npy                              one array
// Of one array alone the last tenth, rounded down but at least one image, is "test", the rest
// "train". NPY files are mapped and may be larger than memory; members of NPZ files are read whole.
#pragma once

#include <filesystem>
#include <string>

#include "denoscope/data/image_set.h"

namespace denoscope {

bool IsArraySet(const std::filesystem::path& source);

// Named `name`; its sha256 is that of the file.
ImageSet LoadArraySet(const std::string& name,
                      const std::filesystem::path& source,
                      const std::string& split);

}  // namespace denoscope
