// How many vectors go through a network at once: as many as run well, fewer where their
// activations would take too much memory. A rule and no measurement: the same everywhere, so that
// the same command gives the same bytes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "denoscope/denoise/linearised_network.h"

namespace denoscope {

// On two cores 112, 224 and 336 rows through a table could not be told apart by their time.
constexpr std::int64_t kTableBlock = 224, kAutogradBlock = 28;

// A product through a linearisation holds about three values of the network at a time.
inline std::int64_t TableBlock(const LinearisedNetwork& network, std::int64_t most = kTableBlock) {
  constexpr std::int64_t kBytes = std::int64_t{256} << 20;
  return std::clamp<std::int64_t>(kBytes / (3 * network.LargestValueBytes()), 1, most);
}

// A graph keeps every activation, of networks that we do not know: by the image's size alone.
inline std::int64_t AutogradBlock(std::int64_t pixels, std::int64_t most = kAutogradBlock) {
  constexpr std::int64_t kPixels = kAutogradBlock * 64 * 64;
  return std::clamp<std::int64_t>(kPixels / pixels, 1, most);
}

}  // namespace denoscope
