// Where a network that shrinks its image and grows it again can be cut in three.
#pragma once

#include <optional>
#include <vector>

#include "denoscope/denoise/network_table.h"

namespace denoscope {

// Layers [0, middle) are the prefix, [middle, suffix) the middle, the rest the suffix. The middle
// reads value `enter` alone of what the prefix makes, and the suffix `leave` alone of what the
// middle makes. Layers [windows, suffix) keep the image's size, and read value `windows` alone of
// what comes before them.
struct NetworkCut {
  std::size_t middle = 0, windows = 0, suffix = 0;
  NetworkTable::Value enter = 0, leave = 0;
  std::vector<NetworkTable::Value> skips;  // of the prefix, read by the suffix
};

// At the first layer that shrinks and the last that grows; none when other values cross.
std::optional<NetworkCut> FindCut(const NetworkTable& table);

}  // namespace denoscope
