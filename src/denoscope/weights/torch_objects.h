// What the nodes of a PyTorch pickle mean: dictionaries in their several forms, modules, storages
// and tensors. A tensor is a view of a storage: its element (i_1, .., i_r) lies
// offset + i_1 stride_1 + .. + i_r stride_r elements into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "denoscope/arrays/array.h"
#include "denoscope/weights/pickle.h"

namespace denoscope {

struct TorchStorage {
  std::string key, global;           // "0", "torch.FloatStorage"
  std::size_t element_size = 0;      // bytes; 0: unknown
  std::optional<ElementType> type;   // none: complex, quantized or unknown
  std::uint64_t elements = 0;        // of the whole storage
  std::uint64_t begin = 0, end = 0;  // the elements in view: legacy files have views of storages
};

struct TorchTensor {
  std::string storage;  // key
  ElementType type = ElementType::kFloat32;
  std::uint64_t offset = 0;        // in elements, from the begin of the storage
  std::uint64_t reach = 0;         // the elements from there to the last one and with it
  std::uint64_t storage_size = 0;  // bytes
  Shape shape, stride;
};

class TorchObjects {
 public:
  using Index = std::uint32_t;
  using Entries = std::vector<std::pair<Index, Index>>;  // key, value

  TorchObjects(Pickle pickle, std::string file)
      : pickle_(std::move(pickle)), file_(std::move(file)) {}

  const std::string& File() const { return file_; }  // for messages
  Index Root() const { return pickle_.root; }
  std::size_t Size() const { return pickle_.nodes.size(); }
  const PickleNode& At(Index index) const { return pickle_.nodes[index]; }
  std::string Describe(Index index) const;  // "integer", "tensor", "object 'models.Net'"

  // Of a dict, OrderedDict, defaultdict, Counter, or an object of a class that extends one.
  std::optional<Entries> Dictionary(Index index) const;
  // Of an object that has been given some.
  std::optional<Entries> Attributes(Index index) const;
  // The value of a string key; the last where it occurs twice, as in Python.
  std::optional<Index> Value(const Entries& entries, std::string_view key) const;

  bool IsSequence(Index index) const;  // a list or tuple
  bool IsModule(Index index) const;    // an object with the attributes of a torch.nn.Module
  bool IsStorage(Index index) const;
  bool IsTensor(Index index) const;
  bool HoldsTensors(Index index) const;  // a dictionary with a tensor under a string key

  // Both throw, naming file, `subject` ("tensor 'mid.0.weight'") and byte, unless the node means
  // what it should. A tensor must lie in its storage and have at most as many elements, so that no
  // small file asks for much memory; nothing comes of element types that Array does not have.
  TorchStorage Storage(Index index, const std::string& subject) const;
  std::optional<TorchTensor> Tensor(Index index, const std::string& subject) const;

 private:
  struct Rebuild;
  std::optional<Rebuild> Rebuilding(Index index) const;
  Entries Charged(Entries entries) const;
  void AddPairs(Index index, Entries& entries) const;

  Pickle pickle_;
  std::string file_;
  mutable std::uint64_t work_ = 0;  // entries given out so far, which have a limit
};

// Fit for a message: at most 60 bytes, control characters replaced.
std::string Printable(std::string_view text);

}  // namespace denoscope
