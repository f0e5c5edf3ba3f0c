// The text of data/photos.tsv, built into the program; the build writes its definition.
#pragma once

namespace denoscope {

extern const char* const kPhotoList;

}  // namespace denoscope
