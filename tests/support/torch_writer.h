// Writes PyTorch checkpoints of both formats without Python.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/arrays/array.h"
#include "tests/support/pickle_writer.h"
#include "tests/support/zip_bytes.h"

namespace denoscope {

// Collects storages while the object is composed as an expression (pickle_writer.h).
class TorchWriter {
 public:
  explicit TorchWriter(bool legacy = false) : legacy_(legacy) {}

  // Expressions. `type` may be of torch.cuda: "cuda.FloatStorage".
  std::string Storage(const std::string& bytes, const std::string& type, std::int64_t elements) {
    storages_.push_back({bytes, elements});
    return Reference(storages_.size() - 1, type, elements);
  }
  std::string Reference(std::size_t storage,
                        const std::string& type,
                        std::int64_t elements,
                        const std::string& view = pickling::kNone) const {
    using namespace pickling;  // NOLINT(google-build-using-namespace)
    const std::size_t dot = type.rfind('.');
    const std::string module = dot == std::string::npos ? "torch" : "torch." + type.substr(0, dot);
    std::vector<std::string> id = {Str("storage"),
                                   Global(module, type.substr(dot + 1)),
                                   Str(std::to_string(storage)),
                                   Str(module == "torch.cuda" ? "cuda:0" : "cpu"),
                                   Int(elements)};
    if (legacy_) id.push_back(view);
    return Persistent(id);
  }
  static std::string View(const std::string& storage,
                          std::int64_t offset,
                          const Shape& shape,
                          const Shape& stride) {
    using namespace pickling;  // NOLINT(google-build-using-namespace)
    return Call(Global("torch._utils", "_rebuild_tensor_v2"),
                {storage, Int(offset), Ints(shape), Ints(stride), kFalse, OrderedDict({})});
  }
  static Shape RowMajor(const Shape& shape) {
    Shape stride(shape.size(), 1);
    for (std::size_t k = shape.size(); k > 1; --k) stride[k - 2] = stride[k - 1] * shape[k - 1];
    return stride;
  }
  std::string TypedTensor(const Array& array, const std::string& type) {
    const std::string bytes(array.bytes.begin(), array.bytes.end());
    return View(
        Storage(bytes, type, ElementCount(array.shape)), 0, array.shape, RowMajor(array.shape));
  }
  std::string Tensor(const Shape& shape, const std::vector<float>& values) {
    return TypedTensor(Array::From(shape, values), "FloatStorage");
  }

  // Files.
  std::vector<ZipPart> Parts(const std::string& object, const std::string& prefix = "x") const {
    std::vector<ZipPart> parts = {{prefix + "/data.pkl", pickling::Pickled(object)}};
    for (std::size_t i = 0; i < storages_.size(); ++i)
      parts.push_back({prefix + "/data/" + std::to_string(i), storages_[i].first});
    parts.push_back({prefix + "/version", "3\n"});
    return parts;
  }
  std::string File(const std::string& object) const {
    return legacy_ ? Legacy(object) : ZipBytes(Parts(object));
  }

 private:
  std::string Legacy(const std::string& object) const {
    using namespace pickling;  // NOLINT(google-build-using-namespace)
    std::vector<std::string> keys;
    std::string data;
    for (const auto& [bytes, elements] : storages_) {
      keys.push_back(Str(std::to_string(keys.size())));
      data += Little(static_cast<std::uint64_t>(elements), 8) + bytes;
    }
    const std::string magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    return Pickled(magic) + Pickled(Int(1001)) +
           Pickled(Dict({{"protocol_version", Int(1001)}, {"little_endian", kTrue}})) +
           Pickled(object) + Pickled(List(keys)) + data;
  }

  bool legacy_;
  std::vector<std::pair<std::string, std::int64_t>> storages_;
};

}  // namespace denoscope
