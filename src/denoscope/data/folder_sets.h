// A folder of pictures (PNG, JPEG, BMP; subfolders too) as a set of images: FOLDER[:OPTIONS].
//   size=N       square patches of N pixels on a disjoint grid; default: whole pictures, which must
//                then be of one size
//   centre       one patch at the centre of each picture
//   downscale=N  N x N pixels averaged to one first
//   gray         one channel
//   colour       three; default: as stored, which must then be the same in all
//   strict       a picture that cannot be used is an error; default: skipped and counted
// Split by picture: the tenth of them (at least one) whose relative paths have the least sha256 is
// "test". Any change of names, sizes, times or options makes the cache (picture_sets.h) again.
#pragma once

#include <filesystem>

#include "denoscope/data/picture_sets.h"

namespace denoscope {

// Reads size, centre and downscale, these their defaults.
void ReadCutOptions(SpecOptions& options, CutOptions& cut);

PictureSet FolderSet(const DataSpec& spec);

}  // namespace denoscope
