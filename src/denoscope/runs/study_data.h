// What studies of a data set's two splits record and check of them.
#pragma once

#include <string>
#include <vector>

#include "denoscope/data/image_set.h"
#include "denoscope/files/json.h"

namespace denoscope {

Json IdentityOf(const ImageSet& images);  // name, split, images, sha256

// A manifest of this kind, version 1, with `record` beside the identity.
Json StudyManifest(const std::string& kind, const Json& identity, const Json& record);

// Throws, naming `job`, unless noise levels are finite, above 0 and distinct in the names of units.
void CheckSigmas(const std::string& job, const std::vector<double>& sigmas);

// Throws, naming `job`, when all images are the same.
void CheckNotConstant(const std::string& job, const ImageSet& images);

}  // namespace denoscope
