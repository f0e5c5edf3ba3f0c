// The sets of images known by name: which are there, and what must be made first.
#pragma once

#include <string>
#include <vector>

#include "denoscope/base/progress.h"

namespace denoscope {

struct ListedSet {
  std::string name, about;
  std::string size;  // "60000 + 10000 of 1x28x28", train + test; empty: not there
};

std::vector<ListedSet> AllImageSets();

// Fetches and cuts what the set is made of, into the cache; its size as in ListedSet.
std::string PrepareImageSet(const std::string& spec, const ProgressSink& progress);

}  // namespace denoscope
