// Finds the weights in the object that a PyTorch checkpoint holds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "denoscope/weights/torch_objects.h"

namespace denoscope {

struct TorchWeights {
  std::map<std::string, TorchObjects::Index> tensors;  // by name, without a shared prefix
  std::string place;               // where they were found, as a key; empty: the object itself
  std::vector<std::string> notes;  // the same in words, what else was there
};

// At `key` or, from there, the usual places (torch_checkpoint.h says which). Throws, saying what is
// there instead, when no tensors are found.
TorchWeights FindTorchWeights(const TorchObjects& objects, const std::string& key);

}  // namespace denoscope
