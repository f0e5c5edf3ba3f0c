// PyTorch's torch.save files, read without Python and without executing anything: the zip format
// (torch >= 1.6) and the legacy format (three small pickles, the object, storage keys, storages).
//
// The weights are the dictionary of tensors found at `key`, or at the first of: "model",
// "state_dict", "model_state_dict", "ema", "ema_state_dict", "params", "net" (each may hold a
// further one of these, or a list), the object itself, a pickled module's own parameters. A prefix
// "module." or "_orig_mod." that all names share is dropped. Tensors stored on another device are
// read alike; complex, quantized and sparse ones are noted and left out.
#pragma once

#include <memory>
#include <string>

#include "denoscope/files/byte_source.h"
#include "denoscope/weights/weights_file.h"

namespace denoscope {

// Whether the content begins like a legacy checkpoint.
bool IsLegacyCheckpoint(const ByteSource& source);

std::unique_ptr<WeightsFile> OpenTorchCheckpoint(std::shared_ptr<const ByteSource> source,
                                                 const std::string& key);

}  // namespace denoscope
