#include "denoscope/weights/torch_objects.h"

#include <algorithm>
#include <array>

#include "denoscope/base/error.h"
#include "denoscope/weights/torch_globals.h"

namespace denoscope {
namespace {

using Kind = PickleNode::Kind;
using Index = TorchObjects::Index;
using Entries = TorchObjects::Entries;

constexpr std::size_t kMostDimensions = 64;  // as in PyTorch
constexpr std::size_t kDeepestRebuild = 4;   // a parameter of a subclass with state
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 58;
constexpr std::size_t kLongestPrinted = 60, kLongestKey = 1000;
constexpr std::uint64_t kMostWork = std::uint64_t{1} << 24;

bool IsDictionaryType(const std::string& global) {
  static constexpr std::array<std::string_view, 5> kTypes = {"builtins.dict",
                                                             "__builtin__.dict",
                                                             "collections.OrderedDict",
                                                             "collections.defaultdict",
                                                             "collections.Counter"};
  return std::find(kTypes.begin(), kTypes.end(), global) != kTypes.end();
}

// Reads the arguments of one call or persistent id and says where and why one is not as expected.
class Arguments {
 public:
  Arguments(const TorchObjects& objects, const PickleNode& node, const std::string& subject)
      : objects_(objects), offset_(node.offset), subject_(subject) {}

  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> what, Args&&... args) const {
    throw Error("checkpoint '{}': {}: pickle at byte {}: {}",
                objects_.File(),
                subject_,
                offset_,
                fmt::format(what, std::forward<Args>(args)...));
  }

  const PickleNode& Node(Index index, Kind kind, std::string_view what) const {
    const PickleNode& node = objects_.At(index);
    if (node.kind != kind)
      Fail("expected {} as {}, found {}", KindName(kind), what, KindName(node.kind));
    return node;
  }

  std::uint64_t Count(Index index, std::string_view what) const {
    const std::int64_t value = Node(index, Kind::kInteger, what).integer;
    if (value < 0 || static_cast<std::uint64_t>(value) > kMostElements)
      Fail("{}: expected 0 to 2^58, found {}", what, value);
    return static_cast<std::uint64_t>(value);
  }

  // A tuple, list or torch.Size of counts.
  Shape Counts(Index index, std::string_view what) const {
    const PickleNode* node = &objects_.At(index);
    if (node->kind == Kind::kCall && objects_.At(node->items[0]).text == "torch.Size" &&
        objects_.At(node->items[1]).items.size() == 1)
      node = &objects_.At(objects_.At(node->items[1]).items[0]);
    if (node->kind != Kind::kTuple && node->kind != Kind::kList)
      Fail("expected tuple as {}, found {}", what, KindName(node->kind));
    if (node->items.size() > kMostDimensions)
      Fail("expected at most {} dimensions, found {}", kMostDimensions, node->items.size());
    Shape counts;
    for (const Index item : node->items)
      counts.push_back(static_cast<std::int64_t>(Count(item, what)));
    return counts;
  }

 private:
  const TorchObjects& objects_;
  std::uint64_t offset_;
  const std::string& subject_;
};

// The elements from the first to the last and with it; the storage has `all`, `room` from the
// first.
std::uint64_t Reach(const TorchTensor& t,
                    std::uint64_t all,
                    std::uint64_t room,
                    const Arguments& arguments) {
  std::int64_t count = 0;
  try {
    count = ElementCount(t.shape);
  } catch (const Error& e) {
    arguments.Fail("{}", e.what());
  }
  if (static_cast<std::uint64_t>(count) > all)
    arguments.Fail("expected at most the {} elements of storage '{}', found shape {}",
                   all,
                   Printable(t.storage),
                   ShapeText(t.shape));
  if (count == 0) return 0;
  std::uint64_t reach = 1;
  for (std::size_t k = 0; k < t.shape.size() && reach <= room; ++k) {
    const auto steps = static_cast<std::uint64_t>(t.shape[k] - 1);
    const auto stride = static_cast<std::uint64_t>(t.stride[k]);
    if (steps == 0 || stride == 0) continue;
    reach = stride > room / steps ? room + 1 : reach + steps * stride;
  }
  if (reach > room)
    arguments.Fail(
        "expected shape {} with stride {} within {} elements of storage '{}', found more",
        ShapeText(t.shape),
        ShapeText(t.stride),
        room,
        Printable(t.storage));
  return reach;
}

}  // namespace

// The call that a tensor is made by, behind the parameters and subclasses that wrap it.
struct TorchObjects::Rebuild {
  std::string_view function;
  const PickleNode* arguments = nullptr;  // a tuple
};

std::string Printable(std::string_view text) {
  std::string printed(text.substr(0, kLongestPrinted));
  if (text.size() > kLongestPrinted) {
    const auto inside = [&](std::size_t at) { return (text[at] & 0xc0) == 0x80; };
    std::size_t size = kLongestPrinted;
    while (size > 0 && inside(size)) --size;
    printed = std::string(text.substr(0, size)) + "..";
  }
  for (char& c : printed)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return printed;
}

std::string TorchObjects::Describe(Index index) const {
  const PickleNode& node = At(index);
  if (IsTensor(index)) return "tensor";
  if (Dictionary(index)) return "dictionary";
  if (IsStorage(index)) return "storage";
  if (node.kind == Kind::kGlobal) return fmt::format("global '{}'", node.text);
  if (node.kind == Kind::kObject) return fmt::format("object '{}'", node.text);
  if (node.kind == Kind::kCall) return fmt::format("value of '{}'", At(node.items[0]).text);
  return std::string(KindName(node.kind));
}

// A node that is visited once may still refer to the same large dictionary as many others do.
Entries TorchObjects::Charged(Entries entries) const {
  work_ += entries.size();
  if (work_ > kMostWork)
    throw Error("checkpoint '{}': expected fewer than 2^24 entries of dictionaries, found more",
                file_);
  return entries;
}

// Python 2 writes an OrderedDict as a call with a list of pairs.
void TorchObjects::AddPairs(Index index, Entries& entries) const {
  if (At(index).kind != Kind::kList) return;
  for (const Index item : At(index).items) {
    const std::vector<Index>& pair = At(item).items;
    if (!IsSequence(item) || pair.size() != 2) return;
    entries.emplace_back(pair[0], pair[1]);
  }
}

std::optional<Entries> TorchObjects::Dictionary(Index index) const {
  const PickleNode* node = &At(index);
  Entries entries;
  if (node->kind == Kind::kCall) {
    if (!IsDictionaryType(At(node->items[0]).text)) return std::nullopt;
    const std::vector<Index>& arguments = At(node->items[1]).items;
    if (!arguments.empty()) AddPairs(arguments[0], entries);
    if (node->contents == 0) return Charged(std::move(entries));
  }
  if (node->contents != 0) node = &At(node->contents);
  if (node->kind != Kind::kDictionary) return std::nullopt;
  for (std::size_t i = 0; i + 1 < node->items.size(); i += 2)
    entries.emplace_back(node->items[i], node->items[i + 1]);
  return Charged(std::move(entries));
}

std::optional<Entries> TorchObjects::Attributes(Index index) const {
  const PickleNode& node = At(index);
  if (node.kind != Kind::kObject || node.items.size() < 2) return std::nullopt;
  Index state = node.items.back();
  // Of a class with slots: a tuple of attributes and slots.
  if (At(state).kind == Kind::kTuple && !At(state).items.empty()) state = At(state).items[0];
  return Dictionary(state);
}

std::optional<Index> TorchObjects::Value(const Entries& entries, std::string_view key) const {
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
    if (At(entry->first).kind == Kind::kString && At(entry->first).text == key)
      return entry->second;
  return std::nullopt;
}

bool TorchObjects::IsSequence(Index index) const {
  return At(index).kind == Kind::kList || At(index).kind == Kind::kTuple;
}

bool TorchObjects::IsModule(Index index) const {
  const auto attributes = Attributes(index);
  return attributes && Value(*attributes, "_parameters") && Value(*attributes, "_modules");
}

bool TorchObjects::IsStorage(Index index) const {
  if (At(index).kind != Kind::kPersistent) return false;
  const PickleNode& id = At(At(index).items[0]);
  return id.kind == Kind::kTuple && !id.items.empty() && At(id.items[0]).text == "storage";
}

bool TorchObjects::IsTensor(Index index) const { return Rebuilding(index).has_value(); }

bool TorchObjects::HoldsTensors(Index index) const {
  const auto entries = Dictionary(index);
  return entries && std::any_of(entries->begin(), entries->end(), [&](const auto& entry) {
           return At(entry.first).kind == Kind::kString && IsTensor(entry.second);
         });
}

std::optional<TorchObjects::Rebuild> TorchObjects::Rebuilding(Index index) const {
  for (std::size_t depth = 0; depth < kDeepestRebuild; ++depth) {
    const PickleNode& call = At(index);
    if (call.kind != Kind::kCall) return std::nullopt;
    Rebuild r = {At(call.items[0]).text, &At(call.items[1])};
    if (r.function == kRebuildFromType) {  // function, type, its arguments, state
      const std::vector<Index>& items = r.arguments->items;
      if (items.size() < 3 || At(items[0]).kind != Kind::kGlobal ||
          At(items[2]).kind != Kind::kTuple)
        return std::nullopt;
      r = {At(items[0]).text, &At(items[2])};
    }
    for (const std::string_view made :
         {kRebuildTensor, kRebuildTensor2, kRebuildTensor3, kRebuildQuantized, kRebuildSparse})
      if (r.function == made) return r;
    const bool parameter =
        r.function == kRebuildParameter || r.function == kRebuildParameterWithState;
    if (!parameter || r.arguments->items.empty()) return std::nullopt;
    index = r.arguments->items[0];
  }
  return std::nullopt;
}

// ('storage', type, key, location, elements) and, in legacy files, None or (key, begin, elements)
// of a view.
TorchStorage TorchObjects::Storage(Index index, const std::string& subject) const {
  const Arguments read(*this, At(index), subject);
  if (!IsStorage(index)) read.Fail("expected a storage, found {}", Describe(index));
  const std::vector<Index>& id = At(At(index).items[0]).items;
  if (id.size() < 5 || id.size() > 6)
    read.Fail("expected the id of a storage with 5 or 6 items, found {}", id.size());
  TorchStorage s;
  s.global = read.Node(id[1], Kind::kGlobal, "storage type").text;
  s.key = read.Node(id[2], Kind::kString, "storage key").text;
  if (s.key.size() > kLongestKey)
    read.Fail("expected a storage key of at most {} bytes, found {}", kLongestKey, s.key.size());
  s.elements = s.end = read.Count(id[4], "storage size");
  const TorchElement* element = FindStorageType(s.global);
  if (element == nullptr) read.Fail("expected a storage type, found '{}'", s.global);
  s.element_size = element->size;
  s.type = element->type;
  if (id.size() == 5 || At(id[5]).kind == Kind::kNone) return s;
  const auto& view = read.Node(id[5], Kind::kTuple, "view of a storage").items;
  if (view.size() != 3) read.Fail("expected a view of 3 items, found {}", view.size());
  s.begin = read.Count(view[1], "begin of a view");
  s.end = s.begin + read.Count(view[2], "size of a view");
  if (s.end > s.elements)
    read.Fail("expected a view within {} elements of storage '{}', found {} to {}",
              s.elements,
              Printable(s.key),
              s.begin,
              s.end);
  return s;
}

// (storage, offset, size, stride, ..); the third form has a storage of bytes and the element type
// as seventh argument.
std::optional<TorchTensor> TorchObjects::Tensor(Index index, const std::string& subject) const {
  const Arguments read(*this, At(index), subject);
  const std::optional<Rebuild> rebuild = Rebuilding(index);
  if (!rebuild) read.Fail("expected a tensor, found {}", Describe(index));
  if (rebuild->function == kRebuildQuantized || rebuild->function == kRebuildSparse)
    return std::nullopt;
  const std::vector<Index>& items = rebuild->arguments->items;
  const std::size_t needed = rebuild->function == kRebuildTensor3 ? 7 : 4;
  if (items.size() < needed)
    read.Fail("expected at least {} arguments, found {}", needed, items.size());
  const TorchStorage storage = Storage(items[0], subject);
  std::optional<ElementType> type = storage.type;
  if (needed == 7) {
    const std::string& name = read.Node(items[6], Kind::kGlobal, "element type").text;
    const TorchElement* element = FindDtype(name);
    if (element == nullptr) read.Fail("expected an element type, found '{}'", name);
    type = element->type;
  }
  if (!type || storage.element_size == 0) return std::nullopt;
  const std::uint64_t size = ElementSize(*type), begin = storage.begin * storage.element_size;
  const std::uint64_t all = (storage.end * storage.element_size - begin) / size;
  const std::uint64_t offset = read.Count(items[1], "offset");
  if (begin % size != 0 || offset > all)
    read.Fail("expected an offset within {} elements of storage '{}', found {}",
              all,
              Printable(storage.key),
              offset);
  TorchTensor t = {storage.key, *type, begin / size + offset, 0, 0, {}, {}};
  t.shape = read.Counts(items[2], "size");
  t.stride = read.Counts(items[3], "stride");
  if (t.shape.size() != t.stride.size())
    read.Fail(
        "expected a stride for each of {} dimensions, found {}", t.shape.size(), t.stride.size());
  t.storage_size = storage.elements * storage.element_size;
  t.reach = Reach(t, all, all - offset, read);
  return t;
}

}  // namespace denoscope
