#include "denoscope/weights/pickle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/pickle_writer.h"
#include "tests/support/python.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

using namespace pickling;  // NOLINT(google-build-using-namespace)
using Kind = PickleNode::Kind;

const std::set<std::string>& Callable() {
  static const std::set<std::string> names = {"collections.OrderedDict", "torch.float32"};
  return names;
}

Pickle Parsed(const std::string& content) { return ParsePickle(content, "x.pt", Callable()); }
Pickle ParsedBody(const std::string& body) { return Parsed(Pickled(body)); }

// As Python would print it, as far as it has such things.
std::string Shown(const Pickle& pickle, std::uint32_t index) {
  const PickleNode& node = pickle.nodes[index];
  const auto joined = [&](std::size_t first) {
    std::vector<std::string> items;
    for (std::size_t i = first; i < node.items.size(); ++i)
      items.push_back(Shown(pickle, node.items[i]));
    return fmt::format("{}", fmt::join(items, ", "));
  };
  const std::string contents = node.contents == 0 ? "" : Shown(pickle, node.contents);
  switch (node.kind) {
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return node.integer == 0 ? "False" : "True";
    case Kind::kInteger:
      return std::to_string(node.integer);
    case Kind::kBigInteger:
      return fmt::format("big of {} bytes", node.text.size());
    case Kind::kFloat:
      return fmt::format("{}", node.real);
    case Kind::kString:
      return "'" + node.text + "'";
    case Kind::kBytes:
      return "b'" + node.text + "'";
    case Kind::kTuple:
      return "(" + joined(0) + (node.items.size() == 1 ? ",)" : ")");
    case Kind::kList:
      return "[" + joined(0) + "]";
    case Kind::kSet:
      return "{" + joined(0) + "}";
    case Kind::kDictionary:
      return "dict(" + joined(0) + ")";
    case Kind::kGlobal:
      return node.text;
    case Kind::kCall:
      return "call " + joined(0) + contents;
    case Kind::kObject:
      return "object " + node.text + " " + joined(0) + contents;
    case Kind::kPersistent:
      return "persistent " + joined(0);
  }
  return "?";
}

std::string Shown(const std::string& body) {
  const Pickle pickle = ParsedBody(body);
  return Shown(pickle, pickle.root);
}

void ExpectRefused(const std::string& body, std::initializer_list<std::string> pieces) {
  ExpectError([&] { ParsedBody(body); }, {"pickle 'x.pt': at byte "});
  ExpectError([&] { ParsedBody(body); }, pieces);
}

struct Case {
  std::string body, shown;  // pushes one value
};

std::vector<Case> ScalarCases() {
  return {{kNone, "None"},
          {kTrue, "True"},
          {kFalse, "False"},
          {"K\xff", "255"},
          {"M" + Little(0xfffe, 2), "65534"},
          {"J" + Little(0xfffffffe, 4), "-2"},
          {"J" + Little(7, 4), "7"},
          {"\x8a" + Little(0, 1), "0"},
          {"\x8a\1\xff", "-1"},
          {"\x8a\2" + Little(0x00ff, 2), "255"},
          {"\x8a\2" + Little(0xff7f, 2), "-129"},
          {"\x8a\x08" + Little(std::uint64_t{1} << 63, 8), "-9223372036854775808"},
          {"\x8a\x09" + Little(std::uint64_t{1} << 62, 9), "4611686018427387904"},
          {"\x8a\x09" + Little(std::uint64_t{1} << 63, 9), "big of 9 bytes"},
          {"\x8a\x0b" + Repeated("\xff", 11), "-1"},
          {"\x8b" + Little(2, 4) + Little(258, 2), "258"},
          {Float(-2.5), "-2.5"},
          {Float(INFINITY), "inf"}};
}

std::vector<Case> TextCases() {
  return {{"\x8c" + Little(1, 1) + "a", "'a'"},
          {Str("caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x94\xbb"),
           "'caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x94\xbb'"},
          {Str(""), "''"},
          {"\x8d" + Little(2, 8) + "ab", "'ab'"},
          {"U" + Little(2, 1) + "ab", "'ab'"},
          {"T" + Little(2, 4) + "ab", "'ab'"},
          {"U" + Little(1, 1) + "\xff", "b'\xff'"},
          {"C" + Little(1, 1) + "\xff", "b'\xff'"},
          {"B" + Little(1, 4) + "a", "b'a'"},
          {"\x8e" + Little(1, 8) + "a", "b'a'"},
          {"\x96" + Little(1, 8) + "a", "b'a'"}};
}

std::vector<Case> ContainerCases() {
  const std::string a = "K\1", b = "K\2", c = "K\3";
  return {{")", "()"},
          {a + "\x85", "(1,)"},
          {a + b + "\x86", "(1, 2)"},
          {a + b + c + "\x87", "(1, 2, 3)"},
          {"(" + a + b + c + a + "t", "(1, 2, 3, 1)"},
          {"(t", "()"},
          {"]" + a + "a" + b + "a", "[1, 2]"},
          {"](" + a + b + "e(e", "[1, 2]"},
          {"}" + a + b + "s", "dict(1, 2)"},
          {"}(" + a + b + c + a + "u(u", "dict(1, 2, 3, 1)"},
          {"\x8f(" + a + b + "\x90", "{1, 2}"},
          {"(" + a + "\x91", "{1}"},
          {"]" + a + "a]" + b + "aa", "[1, [2]]"}};
}

std::vector<Case> StackCases() {
  const std::string a = "K\1", b = "K\2";
  return {{a + b + "0", "1"},                      // POP
          {a + "(0", "1"},                         // POP of a mark
          {a + "(" + b + b + "1", "1"},            // POP_MARK
          {"](" + a + "2e", "[1, 1]"},             // DUP
          {a + "q\7" + b + "0h\7\x86", "(1, 1)"},  // BINPUT, BINGET
          {a + "r" + Little(300, 4) + "j" + Little(300, 4) + "\x86", "(1, 1)"},
          {a + "q\x20" + b + "q\x20" + "0h\x20\x86", "(1, 2)"},  // put twice
          {"\x95" + Little(2, 8) + a, "1"},                      // FRAME
          {"\x80\5" + a, "1"}};                                  // PROTO again
}

std::vector<Case> ObjectCases() {
  const std::string ordered = Global("collections", "OrderedDict"), type = Global("m", "T");
  const std::string one = "K\1", two = "K\2";
  return {
      {Global("torch", "float32"), "torch.float32"},
      {Str("torch") + Str("float32") + kStackGlobal, "torch.float32"},
      {ordered + ")R", "call collections.OrderedDict, ()"},
      {ordered + one + "\x85R", "call collections.OrderedDict, (1,)"},
      {ordered + ")R" + one + two + "s" + one + two + "s",
       "call collections.OrderedDict, ()dict(1, 2, 1, 2)"},
      {ordered + ")R}b", "call collections.OrderedDict, (), dict()"},
      {type + ")\x81", "object m.T ()"},
      {type + ")\x81}bNb", "object m.T (), dict(), None"},
      {type + one + "\x85}" + one + two + "s\x92", "object m.T (1,), dict(1, 2)"},
      {type + ")\x81" + one + "a(" + two + "e", "object m.T ()[1, 2]"},
      {Global("copyreg", "_reconstructor") + "(" + type + Global("builtins", "object") + "NtR",
       "object m.T ()"},
      {Global("copy_reg", "_reconstructor") + "(" + type + "tR", "object m.T ()"},
      {one + "Q", "persistent 1"},
      {Persistent({Str("module"), type, Str("m.py"), Str("class T")}) + ")\x81", "object m.T ()"}};
}

std::vector<Case> AllCases() {
  std::vector<Case> all;
  for (const auto& cases :
       {ScalarCases(), TextCases(), ContainerCases(), StackCases(), ObjectCases()})
    all.insert(all.end(), cases.begin(), cases.end());
  return all;
}

// Every case in one list, MEMOIZE after each: what truncation and change start from.
std::string Everything() {
  std::string body = "](";
  for (const Case& c : AllCases()) body += c.body + kMemoize;
  return Pickled(body + "e", 4);
}

TEST(Pickle, MeansWhatItsOpcodesSay) {
  for (const Case& c : AllCases())
    EXPECT_EQ(Shown(c.body), c.shown) << testing::PrintToString(c.body);
}

TEST(Pickle, MemoizeNumbersFromTheEntriesSoFar) {
  EXPECT_EQ(Shown("K\1\x94K\2\x94" + Str("a") + "\x94h" + Little(1, 1) + "\x87"), "(2, 'a', 2)");
  EXPECT_EQ(Shown("K\1q\x63K\2\x94h\1\x87"), "(1, 2, 2)");
}

TEST(Pickle, KeepsSharingAndCycles) {
  const Pickle shared = ParsedBody("](]q\1h\1e");
  EXPECT_EQ(shared.nodes.size(), 2u);
  EXPECT_EQ(shared.nodes[shared.root].items, (std::vector<std::uint32_t>{1, 1}));
  const Pickle cycle = ParsedBody("]q\1h\1a");
  EXPECT_EQ(cycle.nodes[cycle.root].items, std::vector<std::uint32_t>{cycle.root});
}

TEST(Pickle, EndsAtStopAndSaysWhere) {
  const std::string content = Pickled(Str("a"));
  const Pickle pickle = Parsed(content + "more");
  EXPECT_EQ(pickle.size, content.size());
  EXPECT_EQ(pickle.nodes[pickle.root].offset, 2u);
}

TEST(Pickle, OffsetsCountFromTheBeginOfTheFile) {
  const Pickle pickle = ParsePickle(Pickled(Int(1)), "x.pt", {}, 1000);
  EXPECT_EQ(pickle.nodes[pickle.root].offset, 1002u);
  ExpectError([] { ParsePickle(Pickled("I1\n"), "x.pt", {}, 1000); }, {"at byte 1002: "});
  ExpectError([] { ParsePickle("\x80\2K", "x.pt", {}, 1000); }, {"at byte 1003: truncated"});
}

TEST(Pickle, RefusesTextOpcodesByName) {
  for (const auto& [opcode, name] : Entries{{"F", "FLOAT"},
                                            {"I", "INT"},
                                            {"L", "LONG"},
                                            {"P", "PERSID"},
                                            {"S", "STRING"},
                                            {"V", "UNICODE"},
                                            {"d", "DICT"},
                                            {"g", "GET"},
                                            {"i", "INST"},
                                            {"l", "LIST"},
                                            {"p", "PUT"}})
    ExpectRefused(opcode + "1\n", {"at byte 2: ", "found opcode " + name + " of protocol 0"});
  ExpectRefused("(" + Global("os", "system") + Str("id") + "o", {"OBJ of protocol 1"});
}

TEST(Pickle, RefusesExtensionsAndBuffers) {
  ExpectRefused("\x82\1", {"EXT1 of protocol 2"});
  ExpectRefused("\x83\1\1", {"EXT2 of protocol 2"});
  ExpectRefused("\x84\1\1\1\1", {"EXT4 of protocol 2"});
  ExpectRefused("\x97", {"NEXT_BUFFER of protocol 5"});
  ExpectRefused("\x98", {"READONLY_BUFFER of protocol 5"});
}

TEST(Pickle, RefusesUnknownOpcodesAndProtocols) {
  ExpectRefused("\xff", {"at byte 2: expected an opcode, found the byte 0xff"});
  ExpectError([] { Parsed(Pickled(kNone, 1)); }, {"expected protocol 2 to 5, found 1"});
  ExpectError([] { Parsed(Pickled(kNone, 6)); }, {"expected protocol 2 to 5, found 6"});
}

TEST(Pickle, RefusesAStackUsedWrongly) {
  for (const std::string body : {"",  "0",    "2",    "a",       "s",          "e",        "u",
                                 "t", "1",    "\x85", "K\1\x86", "K\1K\2\x87", "R",        ")R",
                                 "b", "Nb",   "\x81", ")\x81",   "\x92",       "q\1",      "\x94",
                                 "Q", "\x93", "\x91", "\x90",    "K\1(",       "K\1(\x85", "K\1(2"})
    ExpectRefused(body, {"on the stack"});
}

TEST(Pickle, RefusesValuesOfAnotherKind) {
  ExpectRefused("K\1K\2a", {"expected list to add to, found integer"});
  ExpectRefused("]K\1K\2s", {"expected dictionary to add to, found list"});
  ExpectRefused("](K\1\x90", {"expected set to add to, found list"});
  ExpectRefused("}(K\1u", {"keys and values in pairs, found 1"});
  ExpectRefused("K\1K\2" + kStackGlobal, {"expected string on the stack, found integer"});
  ExpectRefused(Global("m", "T") + "]\x81", {"expected tuple on the stack, found list"});
  ExpectRefused(Global("m", "T") + ")\x81K\1aK\1K\1s",
                {"expected dictionary to add to, found list"});
}

TEST(Pickle, RefusesMemoEntriesThatAreNotThere) {
  ExpectRefused("h\1", {"expected a memo entry 1, found none"});
  ExpectRefused("j" + Little(0xffffffff, 4), {"expected a memo entry 4294967295"});
  ExpectRefused("N" + Repeated(kMemoize, 3), {"at most one memo entry a value"});
}

TEST(Pickle, RefusesTextThatIsNotUtf8) {
  for (const std::string text : {"\x80",
                                 "\xc3",
                                 "\xc0\x80",
                                 "\xe0\x80\x80",
                                 "\xed\xa0\x80",
                                 "\xf0\x80\x80\x80",
                                 "\xf4\x90\x80\x80",
                                 "\xf5\x80\x80\x80",
                                 "\xe2\x82",
                                 "a\xff"})
    ExpectRefused(Str(text), {"utf-8"});
}

TEST(Pickle, RefusesBadNamesOfGlobals) {
  ExpectRefused(Global("", "a"), {"expected a name of 1 to 1024 bytes, found 0"});
  ExpectRefused(Global("a\x1b[2J", "b"), {"without control characters"});
  ExpectRefused(Global("a", "\xff"), {"utf-8"});
  ExpectRefused(Str("a\n") + Str("b") + kStackGlobal, {"without control characters"});
  ExpectRefused(Global(std::string(2000, 'a'), "b"), {"a name of at most 1024 bytes"});
  ExpectRefused(Str(std::string(2000, 'a')) + Str("b") + kStackGlobal, {"found 2000"});
}

// The ways to run something while a pickle is loaded.

TEST(HostilePickle, CallsOfOtherGlobals) {
  for (const auto& [module, name] : Entries{{"os", "system"},
                                            {"posix", "system"},
                                            {"nt", "system"},
                                            {"builtins", "eval"},
                                            {"builtins", "exec"},
                                            {"builtins", "getattr"},
                                            {"__builtin__", "eval"},
                                            {"torch", "load"},
                                            {"subprocess", "Popen"},
                                            {"runpy", "run_path"}}) {
    const std::string called =
        fmt::format("global '{}.{}' is called, which is not allowed", module, name);
    ExpectRefused(Call(Global(module, name), {Str("id")}), {called});
    ExpectRefused(Call(Str(module) + Str(name) + kStackGlobal, {Str("id")}), {called});
    ExpectRefused("K\1" + Call(Global(module, name), {}) + "0", {called});  // and thrown away
  }
}

TEST(HostilePickle, CallOfADottedName) {
  ExpectRefused(
      Call(Str("collections") + Str("OrderedDict.__init__.__globals__") + kStackGlobal, {}),
      {"global 'collections.OrderedDict.__init__.__globals__' is called"});
}

TEST(HostilePickle, NamesTheByteOfTheCall) {
  ExpectRefused(Global("os", "system") + ")R", {"at byte 14: global 'os.system' is called"});
}

TEST(HostilePickle, GlobalsAsValues) {
  for (const std::string& body :
       {Global("os", "system"),
        Str("os") + Str("system") + kStackGlobal,
        List({Global("os", "system")}),
        Dict({{"a", Global("os", "system")}}),
        Call(Global("collections", "OrderedDict"), {Global("os", "system")}),
        Call(Global("collections", "OrderedDict"), {}) + Str("a") + Global("os", "system") + "s",
        Object(Global("m", "T"), Global("os", "system")),
        Global("m", "T") + Tuple({Global("os", "system")}) + "\x81",
        Global("m", "T") + ")" + Dict({{"a", Global("os", "system")}}) + "\x92",
        Persistent({Global("os", "system")}),
        "\x8f(" + Global("os", "system") + "\x90"})
    ExpectRefused(body, {"global 'os.system' is not allowed"});
}

TEST(HostilePickle, GlobalThatIsThrownAwayDoesNothing) {
  EXPECT_EQ(Shown("K\1" + Global("os", "system") + "0"), "1");
}

TEST(HostilePickle, CallsAndObjectsOfWhatIsNoGlobal) {
  ExpectRefused(Str("os.system") + ")R", {"expected a global to call, found string"});
  ExpectRefused(Call(Call(Global("collections", "OrderedDict"), {}), {}), {"found call"});
  ExpectRefused(Str("m.T") + ")\x81", {"a class to make an object of, found string"});
  ExpectRefused("]" + kEmptyTuple + kEmptyDict + "\x92", {"found list"});
  ExpectRefused(Global("collections", "OrderedDict") + "]R", {"expected tuple"});
}

TEST(HostilePickle, ReconstructorMakesOnlyObjects) {
  const std::string make = Global("copyreg", "_reconstructor");
  ExpectRefused(make + ")R", {"expected a class to reconstruct, found none"});
  ExpectRefused(Call(make, {Str("os.system")}), {"found string"});
  ExpectRefused(Call(make, {Call(Global("os", "system"), {})}), {"'os.system' is called"});
  ExpectRefused(make, {"global 'copyreg._reconstructor' is not allowed"});
  ExpectRefused(Call(Call(make, {Global("m", "T")}), {Str("id")}), {"found object"});
}

TEST(HostilePickle, PersistentIdsThatNameNoClass) {
  for (const std::string& id : {Str("module"),
                                Tuple({Str("module")}),
                                Tuple({Str("module"), kNone}),
                                Tuple({Str("storage"), Global("m", "T")})})
    ExpectRefused(id + "Q)\x81", {"found persistent id"});
  ExpectRefused(Persistent({Str("module"), Global("os", "system"), kNone, kNone}),
                {"global 'os.system' is not allowed"});
}

TEST(HostilePickle, StateOfWhatIsNoObject) {
  ExpectRefused(Global("os", "system") + "}b", {"found global"});
  ExpectRefused("]}b", {"found list"});
  ExpectRefused("}}b", {"found dictionary"});
}

TEST(HostilePickle, HugeMemoIndexCostsNothing) {
  EXPECT_EQ(Shown("K\1r" + Little(0xffffffff, 4) + "j" + Little(0xffffffff, 4) + "\x86"), "(1, 1)");
}

TEST(HostilePickle, LengthsBeyondTheFile) {
  const std::uint64_t huge = std::uint64_t{1} << 63;
  for (const std::string& body : {"\x8d" + Little(huge, 8),
                                  "\x8e" + Little(huge, 8),
                                  "\x96" + Little(huge, 8),
                                  "\x95" + Little(huge, 8),
                                  "\x8d" + Little(~std::uint64_t{0}, 8),
                                  "X" + Little(0xffffffff, 4),
                                  "T" + Little(0xffffffff, 4),
                                  "B" + Little(0x7fffffff, 4),
                                  "\x8b" + Little(0x7fffffff, 4)})
    EXPECT_THROW(ParsedBody(body + "abc"), PickleTruncated) << testing::PrintToString(body);
  ExpectRefused("\x8b" + Little(0x80000000, 4), {"at most 2^31-1 bytes"});
}

TEST(HostilePickle, DeepNesting) {
  const std::size_t depth = 100'000;
  const Pickle lists = ParsedBody(Repeated("]", depth) + Repeated("a", depth - 1));
  EXPECT_EQ(lists.nodes.size(), depth);
  EXPECT_EQ(ParsedBody(")" + Repeated("\x85", depth)).nodes.size(), depth + 1);
  EXPECT_EQ(ParsedBody(Repeated("(", depth) + Repeated("t", depth)).nodes.size(), depth);
  ExpectRefused(Global("os", "system") + Repeated("\x85", depth), {"'os.system' is not allowed"});
  ExpectRefused(Repeated("(", depth), {"on the stack"});
}

TEST(HostilePickle, ReferenceBombs) {
  std::string doubled = "N\x94";
  for (int i = 0; i < 200; ++i) doubled += "2\x86";
  EXPECT_EQ(ParsedBody(doubled).nodes.size(), 201u);
  std::string lists = "](NNe";
  for (int i = 0; i < 200; ++i) lists += "q\1](h\1h\1h\1h\1e";
  EXPECT_LT(ParsedBody(lists).nodes.size(), 500u);
}

TEST(HostilePickle, ManyDuplicatesAndMarks) {
  const std::size_t count = 2'000'001;
  ExpectRefused("N" + Repeated("2", count), {"a stack of at most 2000000 values"});
  ExpectRefused("N" + Repeated("(", count), {"at most 2000000 marks"});
}

TEST(HostilePickle, NamesThatMultiply) {
  const std::string name(1000, 'a');
  const std::string body = Str(name) + "q\1" + Str(name) + "q\2" + Repeated("h\1h\2\x93", 40'000);
  ExpectRefused(body, {"bytes of names in all"});
}

TEST(HostilePickle, RefusesEveryTruncation) {
  const std::string content = Everything();
  ASSERT_NO_THROW(Parsed(content));
  for (std::size_t size = 0; size < content.size(); ++size)
    EXPECT_THROW(Parsed(content.substr(0, size)), PickleTruncated) << size;
}

// Not every changed byte can be noticed, but none may do worse than throw an Error.
TEST(HostilePickle, SurvivesEveryChangedByte) {
  const std::string content = Everything();
  for (std::size_t i = 0; i < content.size(); ++i)
    for (const char value :
         {'\0', '\1', '\x7f', '\x80', '\x81', '\x93', '\xff', 'R', 'b', 'c', 'h', '.'}) {
      std::string changed = content;
      changed[i] = value;
      try {
        Parsed(changed);
      } catch (const Error&) {
      }
    }
}

TEST(Pickle, ReadsWhatPythonWrites) {
  if (!NumpyPython()) GTEST_SKIP() << "no python3";
  const TempDir folder;
  const PythonResult result = RunNumpy(folder, R"(
import collections, pickle
value = [None, True, False, 0, 255, -1, 65535, 1 << 31, -(1 << 40), 1 << 80, 2.5, 'a', 'ä€' * 100,
         b'x', (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], {}, {'k': 1}, frozenset([3]),
         {7}, 'y' * 300, collections.OrderedDict(a=1, b=2), list(range(2000))]
value.append(value[12])
for protocol in range(2, 6):
    content = pickle.dumps(value, protocol)
    open(f'{protocol}.pkl', 'wb').write(content)
)");
  ASSERT_EQ(result.status, 0) << result.output;
  for (const std::string protocol : {"2", "3", "4", "5"}) {
    std::set<std::string> callable = Callable();
    for (const std::string module : {"builtins", "__builtin__"})
      for (const std::string name : {"set", "frozenset"})
        callable.insert(fmt::format("{}.{}", module, name));
    callable.insert("_codecs.encode");
    const Pickle p = ParsePickle(ReadFile(folder.Path(protocol + ".pkl")), protocol, callable);
    const std::vector<std::uint32_t>& items = p.nodes[p.root].items;
    ASSERT_EQ(items.size(), 29u);
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < 12; ++i) shown.push_back(Shown(p, items[i]));
    EXPECT_EQ(fmt::format("{}", fmt::join(shown, " ")),
              "None True False 0 255 -1 65535 2147483648 -1099511627776 big of 11 bytes 2.5 'a'");
    EXPECT_EQ(Shown(p, items[22]), "dict('k', 1)");
    EXPECT_EQ(Shown(p, items[26]), "call collections.OrderedDict, ()dict('a', 1, 'b', 2)");
    EXPECT_EQ(p.nodes[items[27]].items.size(), 2000u);
    EXPECT_EQ(items[28], items[12]);
  }
}

}  // namespace
}  // namespace denoscope
