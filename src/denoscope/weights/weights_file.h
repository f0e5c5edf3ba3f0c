// Named tensors in a file that somebody else wrote: safetensors, a PyTorch checkpoint in the zip
// format (torch >= 1.6) or the legacy one, or a tensor archive of Open Image Denoise. Opening reads
// names, types and shapes alone; a tensor is read when it is asked for, so that loading needs the
// memory of the weights once.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/arrays/array.h"
#include "denoscope/files/byte_source.h"

namespace denoscope {

struct TensorInfo {
  ElementType type = ElementType::kFloat32;
  Shape shape;
};
using TensorInfos = std::map<std::string, TensorInfo>;  // by name

class WeightsFile {
 public:
  virtual ~WeightsFile() = default;
  const std::string& Name() const { return name_; }      // for messages: the path
  const std::string& Format() const { return format_; }  // "safetensors", "torch zip", "tza", ..
  // Where in a checkpoint the weights are, as a key, given or found; empty: nowhere inside.
  const std::string& Place() const { return place_; }
  const TensorInfos& Tensors() const { return tensors_; }
  const std::map<std::string, std::string>& Metadata() const { return metadata_; }
  // What a reader should know: where in a checkpoint the weights were found, what else was there.
  const std::vector<std::string>& Notes() const { return notes_; }

  // The tensor, row-major. Throws, naming file, tensor and offset, on damage.
  virtual Array Read(const std::string& tensor) const = 0;

 protected:
  WeightsFile(std::string name, std::string format)
      : name_(std::move(name)), format_(std::move(format)) {}

  std::string name_, format_, place_;
  TensorInfos tensors_;
  std::map<std::string, std::string> metadata_;
  std::vector<std::string> notes_;
};

// By content, not by name. `key` picks the place of the weights in a PyTorch checkpoint, as in
// "ema" or "model.0"; empty: the first of the usual places that holds tensors.
std::unique_ptr<WeightsFile> OpenWeights(const std::filesystem::path& path,
                                         const std::string& key = "");
std::unique_ptr<WeightsFile> OpenWeights(std::shared_ptr<const ByteSource> source,
                                         const std::string& key = "");

}  // namespace denoscope
