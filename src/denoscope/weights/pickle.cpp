#include "denoscope/weights/pickle.h"

#include <array>

#include "denoscope/weights/unpickler.h"

namespace denoscope {
namespace {

using Kind = PickleNode::Kind;

constexpr std::uint8_t kStop = '.';

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
    {kStop, "STOP", [](Unpickler&) {}},

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
  static const std::array<Operation, 256> operations = ByOpcode();
  Unpickler unpickler(content, name, callable, base);
  for (std::uint8_t opcode = 0; opcode != kStop;) {
    opcode = unpickler.Next();
    const Operation& operation = operations[opcode];
    if (operation.run == nullptr) unpickler.Refuse(opcode, operation.name);
    operation.run(unpickler);
  }
  return unpickler.Finish();
}

}  // namespace denoscope
