// What studies of a data set's two splits record and check of them.
#pragma once

#include <string>
#include <vector>

#include "denoscope/base/enum_names.h"
#include "denoscope/data/image_set.h"
#include "denoscope/files/json.h"

namespace denoscope {

// Samples behind a learned basis: images of a set, or Gaussian ones of its spectrum.
enum class SampleKind { kImages, kGaussian };
template <>
struct EnumNames<SampleKind> {
  static constexpr const char* kWhat = "samples";
  static constexpr EnumName<SampleKind> kNames[] = {{SampleKind::kImages, "images"},
                                                    {SampleKind::kGaussian, "gaussian"}};
};

Json IdentityOf(const ImageSet& images);  // name, split, images, sha256

// Throws, naming `job`, unless noise levels are finite, above 0 and distinct in the names of units.
void CheckSigmas(const std::string& job, const std::vector<double>& sigmas);

// Throws, naming `job`, when all images are the same.
void CheckNotConstant(const std::string& job, const ImageSet& images);

}  // namespace denoscope
