#include "denoscope/weights/weights_file.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/weights/safetensors.h"
#include "denoscope/weights/torch_checkpoint.h"
#include "denoscope/weights/tza.h"

namespace denoscope {
namespace {

constexpr std::size_t kHeadSize = 512, kHeaderAt = 8, kMagicShown = 8;

struct Kind {
  std::size_t at;
  std::string_view magic, name;
};
// What is often taken for weights, for a message that helps.
constexpr std::array<Kind, 8> kKinds = {{
    {0, {"\x89HDF\r\n\x1a\n", 8}, "an hdf5 file"},
    {0, {"\x1f\x8b", 2}, "a gzip file"},
    {0, {"\x93NUMPY", 6}, "a numpy file"},
    {0, {"GGUF", 4}, "a gguf file"},
    {257, {"ustar", 5}, "a tar file"},
    {0, {"version https://git-lfs", 23}, "a git-lfs pointer in place of the file itself"},
    {0, {"<!DOCTYPE", 9}, "an html page"},
    {0, {"<html", 5}, "an html page"},
}};

bool BeginsLikeZip(std::string_view head) {
  const std::string_view magic = head.substr(0, 4);
  return magic == std::string_view("PK\x03\x04", 4) || magic == std::string_view("PK\x05\x06", 4);
}

// The header of safetensors is a JSON object without white space before it.
bool BeginsLikeSafetensors(std::string_view head) {
  return head.size() > kHeaderAt && head[kHeaderAt] == '{';
}

std::string Description(std::string_view head) {
  if (head.empty()) return "an empty file";
  for (const Kind& kind : kKinds)
    if (head.substr(std::min(kind.at, head.size()), kind.magic.size()) == kind.magic)
      return std::string(kind.name);
  std::string bytes;
  for (const char c : head.substr(0, kMagicShown))
    bytes += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  return "a file that begins with the bytes" + bytes;
}

}  // namespace

std::unique_ptr<WeightsFile> OpenWeights(const std::filesystem::path& path,
                                         const std::string& key) {
  return OpenWeights(OpenFile(path), key);
}

std::unique_ptr<WeightsFile> OpenWeights(std::shared_ptr<const ByteSource> source,
                                         const std::string& key) {
  const std::string head =
      source->Read(0, static_cast<std::size_t>(std::min<std::uint64_t>(source->Size(), kHeadSize)));
  if (BeginsLikeZip(head) || IsLegacyCheckpoint(*source))
    return OpenTorchCheckpoint(std::move(source), key);
  const bool safetensors = BeginsLikeSafetensors(head);
  if (!safetensors && !BeginsLikeTza(head))
    throw Error("weights '{}': expected safetensors, a pytorch checkpoint or a tza file, found {}",
                source->Name(),
                Description(head));
  if (!key.empty())
    throw Error("weights '{}': expected no key, for {} hold tensors alone, found '{}'",
                source->Name(),
                safetensors ? "safetensors" : "tza files",
                key);
  return safetensors ? OpenSafetensors(std::move(source)) : OpenTza(std::move(source));
}

}  // namespace denoscope
