// The whole Jacobian of a network that we hold as a table: faster than by d backward passes where
// it can be cut in three (split_jacobian.h), else by d backward passes through its linearisation.
#pragma once

#include <memory>

#include "denoscope/denoise/linearised_network.h"
#include "denoscope/jacobian/row_blocks.h"

namespace denoscope {

// F' (C_out H W, C H W), of the first C channels of the network's input, about `block` rows a
// product. The network behind the linearisation must outlive the result. Throws Interrupted when
// cancelled while the parts at full size are made.
std::unique_ptr<RowBlocks> MakeNativeBlocks(LinearisedNetwork network,
                                            std::int64_t channels,
                                            std::int64_t block);

}  // namespace denoscope
