// A few of many, evenly spread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace denoscope {

// At most `most` of 0 .. count-1, ascending, with both ends.
inline std::vector<std::size_t> EvenChoice(std::size_t count, std::size_t most) {
  const std::size_t chosen = std::min(count, most);
  std::vector<std::size_t> choice(chosen, 0);
  for (std::size_t i = 1; i < chosen; ++i)
    choice[i] = (2 * i * (count - 1) + chosen - 1) / (2 * (chosen - 1));
  return choice;
}

}  // namespace denoscope
