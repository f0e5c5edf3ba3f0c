// MNIST and the sets distributed in its form: four gzip files of bytes, two of them images.
#pragma once

#include <string>
#include <vector>

#include "denoscope/data/data_spec.h"
#include "denoscope/data/image_set.h"

namespace denoscope {

struct IdxSet {
  std::string name;
  std::string system_folder;  // where a package of the system puts it
  std::string how_to_get;
};
const std::vector<IdxSet>& IdxSets();
bool IsIdxSet(const std::string& name);

// The file of the split's images: in $DENOSCOPE_DATA/NAME, else in the system's folder. Throws,
// saying how to get the set, when it is in neither.
std::filesystem::path FindIdxFile(const std::string& name, const std::string& split);
ImageSet LoadIdxSet(const DataSpec& spec, const std::string& split);

}  // namespace denoscope
