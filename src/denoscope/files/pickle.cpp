#include "denoscope/files/pickle.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "denoscope/files/little_endian.h"

namespace denoscope {
namespace {

using Kind = PickleNode::Kind;
using Index = std::uint32_t;

// A hostile file costs memory in proportion to its size, and no more than these allow.
constexpr std::size_t kMostNodes = 8'000'000, kMostStacked = 8'000'000;
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

// The machine that a pickle is a program for: a stack with marks, a memo and the arena. Its public
// part is what the opcodes do.
class Unpickler {
 public:
  Unpickler(std::string_view content,
            std::string_view name,
            const std::set<std::string>& callable,
            std::uint64_t base)
      : content_(content), name_(name), callable_(callable), base_(base) {}

  Pickle Run();

  std::string_view Take(std::uint64_t size) {
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
  std::uint64_t Number(std::size_t size) { return LittleEndian(Take(size)); }
  std::string_view Counted(std::size_t size) { return Take(Number(size)); }
  std::string_view Line();

  void CheckProtocol(std::uint64_t protocol) const;
  void CheckFrame(std::uint64_t size);

  PickleNode& Push(Kind kind) {
    const Index index = Make(kind);
    Push(index);
    return At(index);
  }
  void PushInteger(std::int64_t value) { Push(Kind::kInteger).integer = value; }
  void PushBool(bool value) { Push(Kind::kBool).integer = value ? 1 : 0; }
  void PushFloat(std::string_view bytes) { Push(Kind::kFloat).real = BigEndianDouble(bytes); }
  void PushLong(std::uint64_t size);
  void PushText(Kind kind, std::string_view text);
  void PushItems(Kind kind, std::vector<Index> items) { Push(kind).items = std::move(items); }
  // Python 2 wrote names and raw bytes alike.
  void PushOldString(std::string_view text) {
    PushText(IsUtf8(text) ? Kind::kString : Kind::kBytes, text);
  }

  std::vector<Index> Pop(std::size_t count);
  std::vector<Index> PopToMark();
  void PopOrUnmark();
  void Duplicate() { Push(Top()); }
  void Mark();
  void Put(std::uint64_t key);
  void Memoize() { Put(memo_.size()); }
  void Get(std::uint64_t key);

  // To the container on top, or to the contents of the call or object there.
  void Add(Kind kind, const std::vector<Index>& values);

  void Global();
  void StackGlobal();
  void Reduce();
  void NewObject(bool named_arguments);
  void Build();

 private:
  template <typename... Args>
  [[noreturn]] void FailAt(std::uint64_t offset,
                           fmt::format_string<Args...> what,
                           Args&&... args) const {
    throw Error("pickle '{}': at byte {}: {}",
                name_,
                offset,
                fmt::format(what, std::forward<Args>(args)...));
  }
  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> what, Args&&... args) const {
    FailAt(base_ + start_, what, std::forward<Args>(args)...);
  }

  PickleNode& At(Index index) { return pickle_.nodes[index]; }
  Index Make(Kind kind);
  void Push(Index index);
  Index Top() const;
  Index Pop();
  Index Pop(Kind kind);
  std::size_t Above() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }

  void Charge(std::size_t size);
  void PushGlobal(std::string_view module, std::string_view name);
  std::optional<Index> Class(Index type);
  void PushObject(Index type, std::vector<Index> items);
  void CheckReachable();

  std::string_view content_, name_;
  const std::set<std::string>& callable_;
  std::uint64_t base_ = 0;
  std::size_t at_ = 0, start_ = 0, name_bytes_ = 0;
  Pickle pickle_;
  std::vector<Index> stack_, marks_;
  std::map<std::uint64_t, Index> memo_;  // by key: a huge one costs no more than a small one
};

struct Operation {
  std::uint8_t opcode = 0;
  std::string_view name;
  void (*run)(Unpickler& u) = nullptr;  // null: refused
};

// What is refused, nobody needs to write weights: text forms, registered extensions and buffers out
// of band.
constexpr Operation kOperations[] = {
    {0x80, "PROTO", [](Unpickler& u) { u.CheckProtocol(u.Number(1)); }},
    {0x95, "FRAME", [](Unpickler& u) { u.CheckFrame(u.Number(8)); }},
    {'.', "STOP", [](Unpickler&) {}},

    {'N', "NONE", [](Unpickler& u) { u.Push(Kind::kNone); }},
    {0x88, "NEWTRUE", [](Unpickler& u) { u.PushBool(true); }},
    {0x89, "NEWFALSE", [](Unpickler& u) { u.PushBool(false); }},
    {'J', "BININT", [](Unpickler& u) { u.PushInteger(static_cast<std::int32_t>(u.Number(4))); }},
    {'K', "BININT1", [](Unpickler& u) { u.PushInteger(static_cast<std::int64_t>(u.Number(1))); }},
    {'M', "BININT2", [](Unpickler& u) { u.PushInteger(static_cast<std::int64_t>(u.Number(2))); }},
    {0x8a, "LONG1", [](Unpickler& u) { u.PushLong(u.Number(1)); }},
    {0x8b, "LONG4", [](Unpickler& u) { u.PushLong(u.Number(4)); }},
    {'G', "BINFLOAT", [](Unpickler& u) { u.PushFloat(u.Take(8)); }},

    {0x8c, "SHORT_BINUNICODE", [](Unpickler& u) { u.PushText(Kind::kString, u.Counted(1)); }},
    {'X', "BINUNICODE", [](Unpickler& u) { u.PushText(Kind::kString, u.Counted(4)); }},
    {0x8d, "BINUNICODE8", [](Unpickler& u) { u.PushText(Kind::kString, u.Counted(8)); }},
    {'U', "SHORT_BINSTRING", [](Unpickler& u) { u.PushOldString(u.Counted(1)); }},
    {'T', "BINSTRING", [](Unpickler& u) { u.PushOldString(u.Counted(4)); }},
    {'C', "SHORT_BINBYTES", [](Unpickler& u) { u.PushText(Kind::kBytes, u.Counted(1)); }},
    {'B', "BINBYTES", [](Unpickler& u) { u.PushText(Kind::kBytes, u.Counted(4)); }},
    {0x8e, "BINBYTES8", [](Unpickler& u) { u.PushText(Kind::kBytes, u.Counted(8)); }},
    {0x96, "BYTEARRAY8", [](Unpickler& u) { u.PushText(Kind::kBytes, u.Counted(8)); }},

    {')', "EMPTY_TUPLE", [](Unpickler& u) { u.Push(Kind::kTuple); }},
    {0x85, "TUPLE1", [](Unpickler& u) { u.PushItems(Kind::kTuple, u.Pop(1)); }},
    {0x86, "TUPLE2", [](Unpickler& u) { u.PushItems(Kind::kTuple, u.Pop(2)); }},
    {0x87, "TUPLE3", [](Unpickler& u) { u.PushItems(Kind::kTuple, u.Pop(3)); }},
    {'t', "TUPLE", [](Unpickler& u) { u.PushItems(Kind::kTuple, u.PopToMark()); }},
    {0x91, "FROZENSET", [](Unpickler& u) { u.PushItems(Kind::kSet, u.PopToMark()); }},
    {']', "EMPTY_LIST", [](Unpickler& u) { u.Push(Kind::kList); }},
    {'a', "APPEND", [](Unpickler& u) { u.Add(Kind::kList, u.Pop(1)); }},
    {'e', "APPENDS", [](Unpickler& u) { u.Add(Kind::kList, u.PopToMark()); }},
    {'}', "EMPTY_DICT", [](Unpickler& u) { u.Push(Kind::kDictionary); }},
    {'s', "SETITEM", [](Unpickler& u) { u.Add(Kind::kDictionary, u.Pop(2)); }},
    {'u', "SETITEMS", [](Unpickler& u) { u.Add(Kind::kDictionary, u.PopToMark()); }},
    {0x8f, "EMPTY_SET", [](Unpickler& u) { u.Push(Kind::kSet); }},
    {0x90, "ADDITEMS", [](Unpickler& u) { u.Add(Kind::kSet, u.PopToMark()); }},

    {'(', "MARK", [](Unpickler& u) { u.Mark(); }},
    {'0', "POP", [](Unpickler& u) { u.PopOrUnmark(); }},
    {'1', "POP_MARK", [](Unpickler& u) { u.PopToMark(); }},
    {'2', "DUP", [](Unpickler& u) { u.Duplicate(); }},
    {'h', "BINGET", [](Unpickler& u) { u.Get(u.Number(1)); }},
    {'j', "LONG_BINGET", [](Unpickler& u) { u.Get(u.Number(4)); }},
    {'q', "BINPUT", [](Unpickler& u) { u.Put(u.Number(1)); }},
    {'r', "LONG_BINPUT", [](Unpickler& u) { u.Put(u.Number(4)); }},
    {0x94, "MEMOIZE", [](Unpickler& u) { u.Memoize(); }},

    {'c', "GLOBAL", [](Unpickler& u) { u.Global(); }},
    {0x93, "STACK_GLOBAL", [](Unpickler& u) { u.StackGlobal(); }},
    {'Q', "BINPERSID", [](Unpickler& u) { u.PushItems(Kind::kPersistent, u.Pop(1)); }},
    {'R', "REDUCE", [](Unpickler& u) { u.Reduce(); }},
    {0x81, "NEWOBJ", [](Unpickler& u) { u.NewObject(false); }},
    {0x92, "NEWOBJ_EX", [](Unpickler& u) { u.NewObject(true); }},
    {'b', "BUILD", [](Unpickler& u) { u.Build(); }},

    {'F', "FLOAT of protocol 0"},
    {'I', "INT of protocol 0"},
    {'L', "LONG of protocol 0"},
    {'P', "PERSID of protocol 0"},
    {'S', "STRING of protocol 0"},
    {'V', "UNICODE of protocol 0"},
    {'d', "DICT of protocol 0"},
    {'g', "GET of protocol 0"},
    {'i', "INST of protocol 0"},
    {'l', "LIST of protocol 0"},
    {'p', "PUT of protocol 0"},
    {'o', "OBJ of protocol 1"},
    {0x82, "EXT1 of protocol 2"},
    {0x83, "EXT2 of protocol 2"},
    {0x84, "EXT4 of protocol 2"},
    {0x97, "NEXT_BUFFER of protocol 5"},
    {0x98, "READONLY_BUFFER of protocol 5"},
};

std::array<Operation, 256> ByOpcode() {
  std::array<Operation, 256> table;
  for (const Operation& operation : kOperations) table[operation.opcode] = operation;
  return table;
}

Pickle Unpickler::Run() {
  static const std::array<Operation, 256> operations = ByOpcode();
  for (;;) {
    start_ = at_;
    const auto opcode = static_cast<std::uint8_t>(Take(1)[0]);
    const Operation& operation = operations[opcode];
    if (operation.name.empty()) Fail("expected an opcode, found the byte 0x{:02x}", opcode);
    if (operation.run == nullptr)
      Fail("expected an opcode of binary pickles, found opcode {}", operation.name);
    operation.run(*this);
    if (opcode == '.') break;
  }
  pickle_.root = Pop();
  pickle_.size = at_;
  CheckReachable();
  return std::move(pickle_);
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

}  // namespace

std::string_view KindName(PickleNode::Kind kind) {
  static constexpr std::string_view kNames[] = {"none",
                                                "bool",
                                                "integer",
                                                "big integer",
                                                "float",
                                                "string",
                                                "bytes",
                                                "tuple",
                                                "list",
                                                "set",
                                                "dictionary",
                                                "global",
                                                "call",
                                                "object",
                                                "persistent id"};
  return kNames[static_cast<std::size_t>(kind)];
}

Pickle ParsePickle(std::string_view content,
                   std::string_view name,
                   const std::set<std::string>& callable,
                   std::uint64_t base) {
  return Unpickler(content, name, callable, base).Run();
}

}  // namespace denoscope
