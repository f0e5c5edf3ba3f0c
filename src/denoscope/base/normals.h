// Many normals at once, in float32: a third of the cost of RandomStream::Normal, for simulations
// that draw whole matrices of noise.
#pragma once

#include <cstddef>

#include "denoscope/base/random.h"

namespace denoscope {

// `count` values N(0,1). 24 random bits each, so that the distribution is that of float32: no value
// repeats a grid coarser than 2^-24 of its layer, and the tail is exact. Ziggurat, 128 layers:
// Marsaglia & Tsang 2000, in the form of Doornik 2005 (layer, sign and position from bits apart).
void FillNormals(RandomStream& random, float* values, std::size_t count);

}  // namespace denoscope
