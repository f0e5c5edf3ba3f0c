// A mixture of Gaussians fitted to samples: clusters by k-means, each with the mean, covariance and
// share of its own samples. It is no maximum-likelihood fit: hard clusters make the components a
// little too narrow where they overlap.
//
// K-means: K starts by k-means++ (each the next with a chance in proportion to its squared distance
// from those before; Arthur & Vassilvitskii 2007), then Lloyd's passes until no sample changes its
// cluster, at most 50. A cluster that loses all samples is left out.
// A cluster of d or fewer samples has no variance in most directions, as if it were certain there:
// its eigenvalues are raised to at least 1 % of the mean variance of a coordinate within clusters,
// and one of a single sample has that alone, the same in every direction.
//
// Cost: a pass over the samples for each start and each of Lloyd's, 2 n d K flops; d^3 a cluster.
#pragma once

#include <cstdint>

#include "denoscope/theory/optimal/mixture_denoiser.h"
#include "denoscope/theory/pca/sample_source.h"

namespace denoscope {

// 1 <= K; throws when fewer than K samples differ, and without 24 d^2 K + 32 d^2 bytes of memory,
// a third of them for who makes a denoiser of it.
GaussianMixture FitMixture(const SampleSource& samples, std::int64_t clusters, std::uint64_t seed);

}  // namespace denoscope
