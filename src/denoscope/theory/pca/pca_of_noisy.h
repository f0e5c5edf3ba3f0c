// What PCA finds in n noisy images, one draw of it, without drawing the images.
//
// Y = X + sigma Z, n samples in columns, Z white. Turning the samples' axes leaves Z white and Y
// Y^T as it is. Turn them so that the first is the axis of equal entries, which carries the mean
// and is independent of the rest, and the next q = min(d, n - 1) hold all of the centred X: then
//   mean of Y     = m + sigma z / sqrt(n),
//   (n-1) Cov(Y)  = (F + sigma Z_q)(F + sigma Z_q)^T + sigma^2 W,   F = U diag(sqrt((n-1) lambda)),
// with W the scatter of n - 1 - q samples of pure noise (Wishart: noisy_source.h). The law is
// exactly that of noise on these n images, which need not be Gaussian. Cost: 2 d^2 normals, 4 d^3
// flops and the eigenvalue problem instead of n d normals and n d^2 flops: 0.3 s at d = 784, any n.
#pragma once

#include <cstdint>

#include "denoscope/theory/pca/pca.h"

namespace denoscope {

// `clean` is the PCA of the n images themselves, all of it: basis (d,d). The same seed gives the
// same z, Z_q and W at every sigma > 0. 64 d^2 bytes.
Pca PcaOfNoisy(const Pca& clean, double sigma, std::uint64_t seed);

}  // namespace denoscope
