// The whole Jacobian of a network that we hold as a table, faster than by d backward passes.
//
// A network that shrinks its image and grows it again is cut in three at its first shrinking and
// last growing layer:  F' = S_m M P_m + sum_k S_k P_k,
//   P: from the image to the value that enters the middle and to the skips, at full size,
//   M: the middle, on the shrunken image, S: from the middle's result and the skips to the output.
// P and S are local: an input pixel reaches few positions, an output pixel depends on few. So one
// product gives many of their columns or rows at once, those of pixels too far apart to meet
// (colouring; Curtis, Powell, Reid 1974), and all of P and S costs some 50 products in place of d.
// A row of F' then takes the middle alone by convolutions, which hold half of the work or less;
// what P adds is small dense products over the windows that a tile of pixels can reach. Everything
// is exact. A network that cannot be cut goes d backward passes through its linearisation.
#pragma once

#include <torch/types.h>

#include "denoscope/denoise/linearised_network.h"

namespace denoscope {

struct NativeResult {
  torch::Tensor J;   // F' (C_out H W, C H W), of the first C channels of the network's input
  double gflop = 0;  // multiplications and additions done, of convolutions and products, in 1e9
};
// `block` rows a product. Throws Interrupted between blocks when cancelled.
NativeResult NativeJacobian(const LinearisedNetwork& network,
                            std::int64_t channels,
                            std::int64_t block);

}  // namespace denoscope
