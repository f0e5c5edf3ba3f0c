#include "denoscope/weights/torch_container.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/little_endian.h"
#include "denoscope/files/zip.h"
#include "denoscope/weights/torch_checkpoint.h"
#include "denoscope/weights/torch_globals.h"

namespace denoscope {
namespace {

using Kind = PickleNode::Kind;

constexpr std::uint64_t kLargestPickle = std::uint64_t{64} << 20;
constexpr std::uint64_t kFirstWindow = std::uint64_t{64} << 10, kWindowGrowth = 16;
constexpr std::uint64_t kLargestNote = 64;  // of a file that holds a word
constexpr std::size_t kCountSize = 8;
constexpr std::string_view kPickleName = "/data.pkl", kByteOrder = "byteorder";
constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::int64_t kLegacyVersion = 1001;

template <typename... Args>
[[noreturn]] void Fail(const ByteSource& source, fmt::format_string<Args...> what, Args&&... args) {
  throw Error("checkpoint '{}': {}", source.Name(), fmt::format(what, std::forward<Args>(args)...));
}

std::string Prefix(const ZipArchive& zip) {
  std::vector<std::string> prefixes;
  for (const ZipEntry& entry : zip.Entries()) {
    const std::size_t stem = entry.name.size() - std::min(entry.name.size(), kPickleName.size());
    if (entry.name.substr(stem) == kPickleName) prefixes.push_back(entry.name.substr(0, stem + 1));
  }
  if (prefixes.size() != 1)
    Fail(zip.Source(),
         "expected one entry '*/data.pkl', found {} among {} entries",
         prefixes.size(),
         zip.Entries().size());
  return prefixes[0];
}

void CheckNoProgram(const ZipArchive& zip, const std::string& prefix) {
  const auto program = [&](const ZipEntry& entry) {
    return entry.name == prefix + "constants.pkl" || entry.name.rfind(prefix + "code/", 0) == 0;
  };
  if (std::any_of(zip.Entries().begin(), zip.Entries().end(), program))
    Fail(zip.Source(), "is a TorchScript program, not a state dict");
}

void CheckByteOrder(const ZipArchive& zip, const std::string& prefix) {
  const ZipEntry* entry = zip.Find(prefix + std::string(kByteOrder));
  if (entry == nullptr) return;
  const std::string order = zip.Read(*entry, kLargestNote);
  if (order != "little")
    Fail(zip.Source(), "expected byte order 'little', found '{}'", Printable(order));
}

// Reads the pickles of a legacy file one after the other, each through a window that grows until
// the pickle is whole.
class LegacyReader {
 public:
  explicit LegacyReader(const ByteSource& source) : source_(source) {}

  TorchObjects Next() {
    const std::uint64_t left = source_.Size() - at_, largest = std::min(left, kLargestPickle);
    for (std::uint64_t window = kFirstWindow;; window *= kWindowGrowth) {
      const std::string content =
          source_.Read(at_, static_cast<std::size_t>(std::min(window, largest)));
      try {
        Pickle pickle = ParsePickle(content, source_.Name(), TorchGlobals(), at_);
        at_ += pickle.size;
        return {std::move(pickle), source_.Name()};
      } catch (const PickleTruncated&) {
        if (window < largest) continue;
        if (left <= largest) throw;
        Fail(source_, "expected a pickle of at most {} bytes at byte {}", largest, at_);
      }
    }
  }

  StorageBytes NextStorage(const TorchStorage& storage) {
    const std::uint64_t elements = LittleEndian(source_.Read(at_, kCountSize));
    if (elements != storage.elements)
      Fail(source_,
           "storage '{}' at byte {}: expected {} elements, found {}",
           Printable(storage.key),
           at_,
           storage.elements,
           elements);
    at_ += kCountSize;
    const std::uint64_t size = elements * storage.element_size, left = source_.Size() - at_;
    if (storage.element_size == 0 || size > left)
      Fail(source_,
           "storage '{}' of {}: truncated: expected {} bytes at byte {}, found {}",
           Printable(storage.key),
           storage.global,
           size,
           at_,
           left);
    const StorageBytes bytes = {at_, size, std::nullopt};
    at_ += size;
    return bytes;
  }

 private:
  const ByteSource& source_;
  std::uint64_t at_ = 0;
};

bool IsMagic(const TorchObjects& objects) {
  const PickleNode& root = objects.At(objects.Root());
  return root.kind == Kind::kBigInteger && root.text == kMagic;
}

void CheckLegacyHead(LegacyReader& reader, const ByteSource& source) {
  if (!IsMagic(reader.Next())) Fail(source, "expected the magic number of the legacy format");
  const TorchObjects version = reader.Next(), system = reader.Next();
  const PickleNode& number = version.At(version.Root());
  if (number.kind != Kind::kInteger || number.integer != kLegacyVersion)
    Fail(source, "expected legacy version {}, found {}", kLegacyVersion, number.integer);
  const auto entries = system.Dictionary(system.Root());
  const auto little = entries ? system.Value(*entries, "little_endian") : std::nullopt;
  if (!little || system.At(*little).kind != Kind::kBool || system.At(*little).integer != 1)
    Fail(source, "expected 'little_endian' to be true, found another byte order");
}

// All storages that the object names: a file gives sizes in elements, whose types are known there.
std::map<std::string, TorchStorage> NamedStorages(const TorchObjects& objects) {
  std::map<std::string, TorchStorage> storages;
  for (std::uint32_t i = 0; i < objects.Size(); ++i) {
    if (!objects.IsStorage(i)) continue;
    TorchStorage storage = objects.Storage(i, "object");
    const auto [known, fresh] = storages.emplace(storage.key, storage);
    if (!fresh && (known->second.elements != storage.elements ||
                   known->second.element_size != storage.element_size))
      throw Error("checkpoint '{}': storage '{}': expected one size, found {} {} and {} {}",
                  objects.File(),
                  Printable(storage.key),
                  known->second.elements,
                  known->second.global,
                  storage.elements,
                  storage.global);
  }
  return storages;
}

}  // namespace

TorchContainer ReadTorchZip(const std::shared_ptr<const ByteSource>& source) {
  const ZipArchive zip(source);
  const std::string prefix = Prefix(zip);
  CheckNoProgram(zip, prefix);
  CheckByteOrder(zip, prefix);
  const ZipEntry& entry = *zip.Find(prefix.substr(0, prefix.size() - 1) + std::string(kPickleName));
  const std::string pickle = zip.Read(entry, kLargestPickle);
  TorchContainer container = {
      "torch zip",
      {ParsePickle(pickle, fmt::format("{}:{}", source->Name(), entry.name), TorchGlobals()),
       source->Name()},
      {}};
  const std::string data = prefix + "data/";
  for (const ZipEntry& storage : zip.Entries()) {
    if (storage.name.rfind(data, 0) != 0) continue;
    if (!storage.stored)
      Fail(*source, "entry '{}': expected a stored storage, found a deflated one", storage.name);
    container.storages[storage.name.substr(data.size())] = {
        storage.offset, storage.size, storage.crc};
  }
  return container;
}

TorchContainer ReadTorchLegacy(const ByteSource& source) {
  LegacyReader reader(source);
  CheckLegacyHead(reader, source);
  TorchContainer container = {"torch legacy", reader.Next(), {}};
  const TorchObjects keys = reader.Next();
  const auto named = NamedStorages(container.objects);
  if (keys.At(keys.Root()).kind != Kind::kList)
    Fail(source, "expected a list of storage keys, found {}", keys.Describe(keys.Root()));
  for (const std::uint32_t item : keys.At(keys.Root()).items) {
    const std::string& key = keys.At(item).text;
    const auto storage = named.find(key);
    if (keys.At(item).kind != Kind::kString || storage == named.end())
      Fail(source, "expected the key of a storage in use, found '{}'", Printable(key));
    if (!container.storages.emplace(key, reader.NextStorage(storage->second)).second)
      Fail(source, "storage '{}': expected each once, found it twice", Printable(key));
  }
  return container;
}

bool IsLegacyCheckpoint(const ByteSource& source) {
  constexpr std::uint64_t kLongestMagic = 64;
  try {
    const std::uint64_t size = std::min(source.Size(), kLongestMagic);
    const std::string head = source.Read(0, static_cast<std::size_t>(size));
    return IsMagic({ParsePickle(head, source.Name(), {}), source.Name()});
  } catch (const Error&) {
    return false;
  }
}

}  // namespace denoscope
