// TorchScript: somebody's traced or scripted network in, any of our denoisers out.
//
// A TorchScript file is a program: loading and running one executes what its author wrote. Only
// files from people whom one trusts should be opened.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "denoscope/denoise/network.h"
#include "denoscope/denoise/network_denoiser.h"

namespace denoscope {

// Whether the file is a zip archive with TorchScript code inside.
bool IsTorchScript(const std::filesystem::path& path);

// forward(x) or forward(x, sigma), tensors in and one tensor of the shape of x out, or with one
// channel less: the last is then a map of the noise level. Channels, sizes and multiples are found
// by trying; 0 channels: any number. Throws, saying why, on a file that
// cannot be loaded and on a forward that takes no image.
std::shared_ptr<Network> LoadScriptNetwork(const std::filesystem::path& path);

// Writes a network that LoadScriptNetwork gave, as it was.
void SaveScriptNetwork(const Network& network, const std::filesystem::path& path);

// A copy of a network that LoadScriptNetwork gave, its parameters replaced by those of these names;
// buffers stay. Null where the network is of another kind.
std::shared_ptr<Network> ScriptWithWeights(const Network& network,
                                           const std::map<std::string, Array>& weights);

// Writes D, not the network alone: forward(y) for a blind denoiser, else forward(y, sigma), sigma
// of shape (1,) or (B,) on the [0,1] scale. Python's torch.jit.load reads it.
void ExportTorchScript(const NetworkDenoiser& denoiser, const std::filesystem::path& path);

}  // namespace denoscope
