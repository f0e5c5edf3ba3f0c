// The record of a data set that a run keeps: the shape of its images and its principal components.
#pragma once

#include <string>

#include "denoscope/base/image_shape.h"
#include "denoscope/results/records.h"
#include "denoscope/theory/frequency/dct.h"
#include "denoscope/theory/pca/pca.h"

namespace denoscope {

Reference ReferenceOfShape(const ImageShape& shape);

// The mean, all eigenvalues and the leading `modes` of the basis, with their frequency; sha256 is
// that of the images behind them.
void SetModes(const Pca& pca,
              Eigen::Index modes,
              const std::string& sha256,
              const DctBasis& dct,
              Reference& reference);

}  // namespace denoscope
