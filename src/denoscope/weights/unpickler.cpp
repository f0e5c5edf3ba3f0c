#include "denoscope/weights/unpickler.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace denoscope {
namespace {

using Kind = Unpickler::Kind;
using Index = Unpickler::Index;

// A hostile file costs memory in proportion to its size, and no more than these allow.
constexpr std::size_t kMostNodes = 2'000'000, kMostStacked = 2'000'000;
constexpr std::size_t kLongestName = 1024, kMostNameBytes = std::size_t{64} << 20;
constexpr int kLowestProtocol = 2, kHighestProtocol = 5;

double BigEndianDouble(std::string_view bytes) {
  std::uint64_t bits = 0;
  for (const char c : bytes) bits = bits << 8 | static_cast<unsigned char>(c);
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// The bytes of the character that starts `text`, or 0 when it is none: too long a form, half of a
// surrogate pair, beyond U+10FFFF.
std::size_t CharacterSize(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead < 0xc2   ? 0
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                           : lead < 0xf5 ? 4
                                         : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (byte(i) >> 6 != 2) return 0;
  const unsigned next = byte(1);
  const bool bad = (lead == 0xe0 && next < 0xa0) || (lead == 0xed && next >= 0xa0) ||
                   (lead == 0xf0 && next < 0x90) || (lead == 0xf4 && next >= 0x90);
  return bad ? 0 : size;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = CharacterSize(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace

std::uint8_t Unpickler::Next() {
  start_ = at_;
  return static_cast<std::uint8_t>(Take(1)[0]);
}

void Unpickler::Refuse(std::uint8_t opcode, std::string_view name) const {
  if (name.empty()) Fail("expected an opcode, found the byte 0x{:02x}", opcode);
  Fail("expected an opcode of binary pickles, found opcode {}", name);
}

Pickle Unpickler::Finish() {
  pickle_.root = Pop();
  pickle_.size = at_;
  CheckReachable();
  return std::move(pickle_);
}

std::string_view Unpickler::Take(std::uint64_t size) {
  const std::size_t left = content_.size() - at_;
  if (size > left)
    throw PickleTruncated("pickle '{}': at byte {}: truncated: expected {} bytes, found {}",
                          name_,
                          base_ + at_,
                          size,
                          left);
  const std::string_view taken = content_.substr(at_, size);
  at_ += size;
  return taken;
}

std::string_view Unpickler::Line() {
  const std::string_view window = content_.substr(at_, kLongestName + 1);
  const std::size_t size = window.find('\n');
  if (size == std::string_view::npos && window.size() > kLongestName)
    Fail("expected a name of at most {} bytes, found a longer one", kLongestName);
  const std::string_view line = Take(std::min(size, window.size()));
  Take(1);
  return line;
}

void Unpickler::CheckProtocol(std::uint64_t protocol) const {
  if (protocol < kLowestProtocol || protocol > kHighestProtocol)
    Fail("expected protocol {} to {}, found {}", kLowestProtocol, kHighestProtocol, protocol);
}

void Unpickler::CheckFrame(std::uint64_t size) {
  const std::size_t inside = at_;
  Take(size);
  at_ = inside;
}

Index Unpickler::Make(Kind kind) {
  const std::size_t most = std::min(kMostNodes, content_.size() + 1);
  if (pickle_.nodes.size() >= most) Fail("expected at most {} values, found more", most);
  PickleNode& node = pickle_.nodes.emplace_back();
  node.kind = kind;
  node.offset = base_ + start_;
  return static_cast<Index>(pickle_.nodes.size() - 1);
}

void Unpickler::Push(Index index) {
  if (stack_.size() >= kMostStacked)
    Fail("expected a stack of at most {} values, found more", kMostStacked);
  stack_.push_back(index);
}

void Unpickler::PushText(Kind kind, std::string_view text) {
  if (kind == Kind::kString && !IsUtf8(text)) Fail("expected a string in utf-8, found other bytes");
  Push(kind).text = text;
}

void Unpickler::PushFloat(std::string_view bytes) {
  Push(Kind::kFloat).real = BigEndianDouble(bytes);
}

void Unpickler::PushOldString(std::string_view text) {
  PushText(IsUtf8(text) ? Kind::kString : Kind::kBytes, text);
}

// Two's complement, shortened to 64 bits where it fits.
void Unpickler::PushLong(std::uint64_t size) {
  if (size > std::numeric_limits<std::int32_t>::max())
    Fail("expected an integer of at most 2^31-1 bytes, found {}", size);
  std::string_view bytes = Take(size);
  const auto negative = [&] { return !bytes.empty() && (bytes.back() & 0x80) != 0; };
  const bool sign = negative();
  const char fill = sign ? '\xff' : '\0';
  while (!bytes.empty() && bytes.back() == fill) bytes.remove_suffix(1);
  std::string value(bytes);
  if (negative() != sign) value += fill;
  if (value.size() > sizeof(std::int64_t)) return PushText(Kind::kBigInteger, value);
  value.resize(sizeof(std::int64_t), fill);
  PushInteger(static_cast<std::int64_t>(LittleEndian(value)));
}

Index Unpickler::Top() const {
  if (Above() == 0) Fail("expected a value on the stack, found none");
  return stack_.back();
}

Index Unpickler::Pop() {
  const Index top = Top();
  stack_.pop_back();
  return top;
}

Index Unpickler::Pop(Kind kind) {
  const Index top = Pop();
  if (At(top).kind != kind)
    Fail("expected {} on the stack, found {}", KindName(kind), KindName(At(top).kind));
  return top;
}

std::vector<Index> Unpickler::Pop(std::size_t count) {
  if (Above() < count) Fail("expected {} values on the stack, found {}", count, Above());
  std::vector<Index> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return values;
}

std::vector<Index> Unpickler::PopToMark() {
  if (marks_.empty()) Fail("expected a mark on the stack, found none");
  std::vector<Index> values = Pop(Above());
  marks_.pop_back();
  return values;
}

void Unpickler::PopOrUnmark() {
  if (Above() == 0 && !marks_.empty()) {
    marks_.pop_back();
  } else {
    Pop();
  }
}

void Unpickler::Mark() {
  if (marks_.size() >= kMostStacked)
    Fail("expected at most {} marks on the stack, found more", kMostStacked);
  marks_.push_back(static_cast<Index>(stack_.size()));
}

void Unpickler::Put(std::uint64_t key) {
  memo_[key] = Top();
  if (memo_.size() > pickle_.nodes.size())
    Fail("expected at most one memo entry a value, found more");
}

void Unpickler::Get(std::uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) Fail("expected a memo entry {}, found none", key);
  Push(found->second);
}

void Unpickler::Add(Kind kind, const std::vector<Index>& values) {
  if (kind == Kind::kDictionary && values.size() % 2 != 0)
    Fail("expected keys and values in pairs, found {} of them", values.size());
  Index target = Top();
  const Kind owner = At(target).kind;
  if (kind != Kind::kSet && (owner == Kind::kCall || owner == Kind::kObject)) {
    if (At(target).contents == 0) {
      const Index contents = Make(kind);
      At(target).contents = contents;
    }
    target = At(target).contents;
  }
  if (At(target).kind != kind)
    Fail("expected {} to add to, found {}", KindName(kind), KindName(At(target).kind));
  std::vector<Index>& items = At(target).items;
  items.insert(items.end(), values.begin(), values.end());
}

// A name copied may be longer than the opcodes that copy it.
void Unpickler::Charge(std::size_t size) {
  name_bytes_ += size;
  if (name_bytes_ > kMostNameBytes)
    Fail("expected at most {} bytes of names in all, found more", kMostNameBytes);
}

void Unpickler::PushGlobal(std::string_view module, std::string_view name) {
  for (const std::string_view part : {module, name}) {
    if (part.empty() || part.size() > kLongestName)
      Fail("expected a name of 1 to {} bytes, found {}", kLongestName, part.size());
    const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (!IsUtf8(part) || std::any_of(part.begin(), part.end(), control))
      Fail("expected a name in utf-8 without control characters, found other bytes");
  }
  Charge(module.size() + 1 + name.size());
  const std::string text = fmt::format("{}.{}", module, name);
  PushText(Kind::kGlobal, text);
}

void Unpickler::Global() {
  const std::string_view module = Line();
  PushGlobal(module, Line());
}

void Unpickler::StackGlobal() {
  const Index name = Pop(Kind::kString), module = Pop(Kind::kString);
  PushGlobal(At(module).text, At(name).text);
}

void Unpickler::Reduce() {
  const Index arguments = Pop(Kind::kTuple), function = Pop();
  if (At(function).kind != Kind::kGlobal)
    Fail("expected a global to call, found {}", KindName(At(function).kind));
  const std::string& name = At(function).text;
  if (name == "copyreg._reconstructor" || name == "copy_reg._reconstructor") {
    // _reconstructor(class, base, state of the base) makes an object as NEWOBJ does.
    if (At(arguments).items.empty()) Fail("expected a class to reconstruct, found none");
    const Index type = At(arguments).items[0];
    return PushObject(type, {Make(Kind::kTuple)});
  }
  if (callable_.count(name) == 0) Fail("global '{}' is called, which is not allowed", name);
  PushItems(Kind::kCall, {function, arguments});
}

void Unpickler::NewObject(bool named_arguments) {
  std::vector<Index> items;
  if (named_arguments) items.push_back(Pop(Kind::kDictionary));
  items.insert(items.begin(), Pop(Kind::kTuple));
  PushObject(Pop(), std::move(items));
}

void Unpickler::PushObject(Index type, std::vector<Index> items) {
  const std::optional<Index> global = Class(type);
  if (!global) Fail("expected a class to make an object of, found {}", KindName(At(type).kind));
  Charge(At(*global).text.size());
  PickleNode& object = Push(Kind::kObject);
  object.text = At(*global).text;
  object.items = std::move(items);
}

// The global itself, or the one in ('module', class, file, source), the persistent id by which
// torch's legacy format names the class of a module.
std::optional<Index> Unpickler::Class(Index type) {
  if (At(type).kind == Kind::kGlobal) return type;
  if (At(type).kind != Kind::kPersistent) return std::nullopt;
  const PickleNode& id = At(At(type).items[0]);
  if (id.kind != Kind::kTuple || id.items.size() < 2) return std::nullopt;
  const PickleNode& tag = At(id.items[0]);
  if (tag.kind != Kind::kString || tag.text != "module") return std::nullopt;
  if (At(id.items[1]).kind != Kind::kGlobal) return std::nullopt;
  return id.items[1];
}

void Unpickler::Build() {
  const Index state = Pop();
  PickleNode& target = At(Top());
  if (target.kind != Kind::kCall && target.kind != Kind::kObject)
    Fail("expected a call or an object to set the state of, found {}", KindName(target.kind));
  target.items.push_back(state);
}

void Unpickler::CheckReachable() {
  std::vector<bool> seen(pickle_.nodes.size(), false);
  std::vector<Index> open;
  const auto visit = [&](Index index) {
    if (seen[index]) return;
    seen[index] = true;
    open.push_back(index);
  };
  visit(pickle_.root);
  while (!open.empty()) {
    const PickleNode& node = At(open.back());
    open.pop_back();
    if (node.kind == Kind::kGlobal && callable_.count(node.text) == 0)
      FailAt(node.offset, "global '{}' is not allowed", node.text);
    for (const Index item : node.items) visit(item);
    if (node.contents != 0) visit(node.contents);
  }
}

}  // namespace denoscope
