#include "denoscope/measure/reference.h"

namespace denoscope {

Reference ReferenceOfShape(const ImageShape& shape) {
  Reference reference;
  reference.image_shape = {shape.C, shape.H, shape.W};
  return reference;
}

void SetModes(const Pca& pca,
              Eigen::Index modes,
              const std::string& sha256,
              const DctBasis& dct,
              Reference& reference) {
  reference.n = pca.n;
  reference.data_sha256 = sha256;
  reference.mean = pca.mean;
  reference.lambda = pca.eigenvalues;
  reference.basis = pca.basis.leftCols(modes).cast<float>();
  reference.frequency = dct.MeanFrequency(pca.basis.leftCols(modes));
}

}  // namespace denoscope
