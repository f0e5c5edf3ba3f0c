// The Jacobian of a network that shrinks its image and grows it again, cut in three at its first
// shrinking and last growing layer:
//   F' = S_m M P_m + sum_k S_k P_k,
//   P  from the image to the value that enters the middle and to the skips, at full size,
//   M  the middle, on the shrunken image,
//   S  from the middle's result and the skips to the output.
// P and S are local: an input pixel reaches few positions, an output pixel depends on few. So one
// product gives many of their columns or rows at once, those of pixels too far apart to meet
// (colouring; Curtis, Powell, Reid 1974), and all of P and S costs some 50 products in place of d.
// A row of F' then takes the middle alone by convolutions, which hold half of the work or less;
// what P adds is small dense products over the windows that a tile of pixels can reach. Everything
// is exact.
#pragma once

#include <memory>

#include "denoscope/denoise/linearised_network.h"
#include "denoscope/jacobian/network_cut.h"
#include "denoscope/jacobian/row_blocks.h"

namespace denoscope {

// As MakeNativeBlocks, of a network with this cut.
std::unique_ptr<RowBlocks> MakeSplitBlocks(LinearisedNetwork network,
                                           NetworkCut cut,
                                           std::int64_t channels,
                                           std::int64_t block);

}  // namespace denoscope
