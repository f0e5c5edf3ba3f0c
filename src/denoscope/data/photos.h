// "photos": images cut from real photographs of Debian's packages of backgrounds.
//
// data/photos.tsv, which is built into the program, lists each photograph: package, path in it,
// split, sha256. Licences are mixed, so the list is shipped and never a picture: the packages are
// unpacked, not installed, below PhotoFolder(). Options as of a folder of pictures, with defaults
// size=32,downscale=4 and colour; whatever is cut lies in the cache.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/data/picture_sets.h"

namespace denoscope {

inline constexpr const char* kPhotosName = "photos";

// What a table of photographs says, in `folder`/PACKAGE/PATH.
std::vector<PictureFile> ParsePhotoList(const std::string& table,
                                        const std::filesystem::path& folder);

std::filesystem::path PhotoFolder();
std::vector<std::string> PhotoPackages();
bool PhotosArePresent();  // every photograph of the list is in its place

PictureSet PhotoSet(const DataSpec& spec);
// Throws, saying how to get them, when the photographs are in neither the cache nor their folder.
ImageSet LoadPhotos(const DataSpec& spec, const std::string& split, const ProgressSink& progress);

}  // namespace denoscope
