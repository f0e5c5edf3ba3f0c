#include "denoscope/weights/torch_checkpoint.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/zip.h"
#include "denoscope/weights/torch_container.h"
#include "denoscope/weights/torch_weights.h"

namespace denoscope {
namespace {

// The checksum takes bytes that are still in the cache.
constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::size_t kWorthAThread = std::size_t{1} << 20;
constexpr std::size_t kMostNoted = 8;

bool IsRowMajor(const TorchTensor& t) {
  if (t.reach == 0) return true;
  std::int64_t stride = 1;
  for (std::size_t k = t.shape.size(); k > 0; --k) {
    if (t.shape[k - 1] != 1 && t.stride[k - 1] != stride) return false;
    stride *= t.shape[k - 1];
  }
  return true;
}

// The elements of the view in row-major order; `span` begins with its first element.
void Gather(const TorchTensor& t, const std::string& span, std::vector<std::uint8_t>& bytes) {
  const std::size_t size = ElementSize(t.type);
  std::vector<std::int64_t> index(t.shape.size(), 0);
  std::int64_t source = 0;
  for (std::size_t target = 0; target < bytes.size(); target += size) {
    std::memcpy(bytes.data() + target, span.data() + static_cast<std::size_t>(source) * size, size);
    for (std::size_t k = t.shape.size(); k > 0; --k) {
      source += t.stride[k - 1];
      if (++index[k - 1] < t.shape[k - 1]) break;
      source -= t.stride[k - 1] * t.shape[k - 1];
      index[k - 1] = 0;
    }
  }
}

class TorchCheckpoint final : public WeightsFile {
 public:
  TorchCheckpoint(std::shared_ptr<const ByteSource> source,
                  TorchContainer container,
                  const std::string& key)
      : WeightsFile(source->Name(), container.format),
        source_(std::move(source)),
        storages_(std::move(container.storages)) {
    TorchWeights weights = FindTorchWeights(container.objects, key);
    place_ = std::move(weights.place);
    notes_ = std::move(weights.notes);
    for (const auto& [name, index] : weights.tensors) Add(container.objects, name, index);
    if (skipped_ > kMostNoted)
      notes_.push_back(fmt::format("skipped {} more of these", skipped_ - kMostNoted));
    if (tensors_.empty())
      throw Error("checkpoint '{}': expected tensors of real numbers, found others alone", name_);
  }

  Array Read(const std::string& tensor) const override {
    const auto found = views_.find(tensor);
    if (found == views_.end()) Fail(tensor, "expected such a tensor, found none");
    const TorchTensor& t = found->second;
    const StorageBytes& storage = storages_.at(t.storage);
    const std::uint64_t begin = storage.offset + t.offset * ElementSize(t.type);
    Array array = {t.type, t.shape, {}};
    const std::size_t size = ByteCount(t.type, t.shape);
    try {
      if (IsRowMajor(t) && size == storage.size) {
        ReadWhole(storage, array.bytes);
        return array;
      }
      CheckOnce(t.storage);
      array.bytes.resize(size);
      if (IsRowMajor(t))
        source_->Read(begin, array.bytes.data(), size);
      else
        Gather(t, source_->Read(begin, t.reach * ElementSize(t.type)), array.bytes);
    } catch (const Error& e) {
      Fail(tensor, e.what());
    }
    return array;
  }

 private:
  [[noreturn]] void Fail(const std::string& tensor, std::string_view what) const {
    throw Error("checkpoint '{}': tensor '{}': {}", name_, Printable(tensor), what);
  }

  void Add(const TorchObjects& objects, const std::string& name, TorchObjects::Index index) {
    std::optional<TorchTensor> view =
        objects.Tensor(index, fmt::format("tensor '{}'", Printable(name)));
    if (!view) {
      notes_.push_back(fmt::format("skipped '{}' (complex, quantized or sparse)", Printable(name)));
      return;
    }
    const auto storage = storages_.find(view->storage);
    if (storage == storages_.end())
      Fail(name, fmt::format("expected storage '{}', found none", Printable(view->storage)));
    if (view->storage_size > storage->second.size)
      Fail(name,
           fmt::format("expected {} bytes in storage '{}' at byte {}, found {}",
                       view->storage_size,
                       Printable(view->storage),
                       storage->second.offset,
                       storage->second.size));
    tensors_[name] = {view->type, view->shape};
    views_[name] = std::move(*view);
  }

  void CheckSum(const StorageBytes& storage, std::uint32_t crc) const {
    if (storage.crc && *storage.crc != crc)
      throw Error("storage at byte {}: expected checksum {:08x}, found {:08x}",
                  storage.offset,
                  *storage.crc,
                  crc);
  }

  // Bytes [begin, end) of a storage, and their checksum.
  std::uint32_t ReadPart(const StorageBytes& storage,
                         std::uint64_t begin,
                         std::uint64_t end,
                         std::uint8_t* bytes) const {
    std::uint32_t crc = 0;
    for (std::uint64_t at = begin; at < end;) {
      const std::size_t size = Piece(end - at);
      source_->Read(storage.offset + at, bytes + at, size);
      if (storage.crc) crc = ZipChecksum({reinterpret_cast<const char*>(bytes + at), size}, crc);
      at += size;
    }
    return crc;
  }

  // The checksum costs as much as the reading: a large storage is read in two halves at once.
  void ReadWhole(const StorageBytes& storage, std::vector<std::uint8_t>& bytes) const {
    bytes.resize(storage.size);
    const std::uint64_t size = storage.size, middle = size < kWorthAThread ? size : size / 2;
    std::future<std::uint32_t> rest;
    if (middle < size)
      rest = std::async(std::launch::async,
                        [&] { return ReadPart(storage, middle, size, bytes.data()); });
    std::uint32_t crc = ReadPart(storage, 0, middle, bytes.data());
    if (rest.valid()) crc = ZipChecksumOfBoth(crc, rest.get(), size - middle);
    CheckSum(storage, crc);
  }

  // Views of one storage check it once between them.
  void CheckOnce(const std::string& key) const {
    const StorageBytes& storage = storages_.at(key);
    const std::lock_guard<std::mutex> lock(checking_);
    if (!storage.crc || checked_.count(key) != 0) return;
    std::uint32_t crc = 0;
    std::string piece;
    for (std::uint64_t at = 0; at < storage.size; at += piece.size()) {
      piece = source_->Read(storage.offset + at, Piece(storage.size - at));
      crc = ZipChecksum(piece, crc);
    }
    CheckSum(storage, crc);
    checked_.insert(key);
  }

  static std::size_t Piece(std::uint64_t left) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece));
  }

  std::shared_ptr<const ByteSource> source_;
  std::map<std::string, StorageBytes> storages_;
  std::map<std::string, TorchTensor> views_;
  std::size_t skipped_ = 0;
  mutable std::mutex checking_;
  mutable std::set<std::string> checked_;
};

}  // namespace

std::unique_ptr<WeightsFile> OpenTorchCheckpoint(std::shared_ptr<const ByteSource> source,
                                                 const std::string& key) {
  TorchContainer container =
      IsLegacyCheckpoint(*source) ? ReadTorchLegacy(*source) : ReadTorchZip(source);
  return std::make_unique<TorchCheckpoint>(std::move(source), std::move(container), key);
}

}  // namespace denoscope
