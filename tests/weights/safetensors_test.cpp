#include "denoscope/weights/safetensors.h"

#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "tests/support/counting_source.h"
#include "tests/support/expect_error.h"
#include "tests/support/python.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

Safetensors Example() {
  Safetensors content;
  content.tensors["mid.0.weight"] = Array::From<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  content.tensors["empty"] = Array::From<double>({0, 4}, std::vector<double>{});
  content.tensors["scalar"] = Array::From<double>({}, {0.5});
  content.tensors["counts"] = Array::From<std::int64_t>({2}, {-1, 1});
  content.tensors["small"] = Array::From<std::int32_t>({1}, {-7});
  content.tensors["pixels"] = Array::From<std::uint8_t>({3}, {0, 128, 255});
  content.tensors["mask"] = {ElementType::kBool, {2}, {1, 0}};
  content.metadata = {{"arch", "unet"}, {"note", "t\xc3\xa4st \"x\""}};
  return content;
}

std::string File(const std::string& header, const std::string& data) {
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size() & 0xff);
  file[1] = static_cast<char>(header.size() >> 8);
  return file + header + data;
}

Safetensors Parsed(const std::string& file) {
  const auto opened = OpenSafetensors(MemorySource("x.safetensors", file));
  Safetensors content;
  content.metadata = opened->Metadata();
  for (const auto& [name, info] : opened->Tensors()) content.tensors[name] = opened->Read(name);
  return content;
}

void ExpectRefused(const std::string& header,
                   const std::string& data,
                   std::initializer_list<std::string> pieces) {
  SCOPED_TRACE(header);
  ExpectError([&] { Parsed(File(header, data)); }, {"safetensors '", "x.safetensors'"});
  ExpectError([&] { Parsed(File(header, data)); }, pieces);
}

TEST(Safetensors, RoundTrip) {
  TempDir folder;
  const Safetensors content = Example();
  WriteSafetensors(folder.Path("a"), content);
  const Safetensors read = ReadSafetensors(folder.Path("a"));
  EXPECT_EQ(read.metadata, content.metadata);
  ASSERT_EQ(read.tensors.size(), content.tensors.size());
  for (const auto& [name, array] : content.tensors) {
    EXPECT_EQ(read.tensors.at(name).type, array.type) << name;
    EXPECT_EQ(read.tensors.at(name).shape, array.shape) << name;
    EXPECT_EQ(read.tensors.at(name).bytes, array.bytes) << name;
  }
}

// The format read by its definition alone, without our reader.
TEST(Safetensors, NumpyReadsThem) {
  if (!NumpyPython()) GTEST_SKIP() << "neither /usr/bin/python3 nor python3 can import numpy";
  const TempDir folder;
  WriteSafetensors(folder.Path("x.safetensors"), Example());
  const PythonResult result = RunNumpy(folder, R"(
import json, struct
content = open("x.safetensors", "rb").read()
size = struct.unpack("<Q", content[:8])[0]
header, data = json.loads(content[8:8 + size]), content[8 + size:]
types = dict(F32="<f4", F64="<f8", I32="<i4", I64="<i8", U8="u1", BOOL="?")
assert header.pop("__metadata__")["arch"] == "unet"
tensors, end = {}, 0
for name, t in header.items():
    begin, after = t["data_offsets"]
    assert begin == end
    end = after
    tensors[name] = np.frombuffer(data[begin:after], types[t["dtype"]]).reshape(t["shape"])
assert end == len(data)
assert (tensors["mid.0.weight"] == [[1, 2, 3], [4, 5, 6]]).all()
assert tensors["empty"].shape == (0, 4) and tensors["scalar"] == 0.5
assert list(tensors["counts"]) == [-1, 1] and list(tensors["small"]) == [-7]
assert list(tensors["pixels"]) == [0, 128, 255] and list(tensors["mask"]) == [True, False]
)");
  EXPECT_EQ(result.status, 0) << result.output;
}

TEST(Safetensors, HeaderIsPaddedAndInOrder) {
  TempDir folder;
  WriteSafetensors(folder.Path("a"), {{{"w", Array::From<std::uint8_t>({2}, {65, 66})}}, {}});
  const std::string header = R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  EXPECT_EQ(ReadFile(folder.Path("a")),
            File(header + std::string((8 - header.size() % 8) % 8, ' '), "AB"));
}

TEST(Safetensors, EmptyFileOfTensorsRoundTrips) {
  TempDir folder;
  WriteSafetensors(folder.Path("a"), {});
  EXPECT_TRUE(ReadSafetensors(folder.Path("a")).tensors.empty());
}

TEST(Safetensors, RefusesEveryTruncationAndExtraBytes) {
  TempDir folder;
  WriteSafetensors(folder.Path("a"), Example());
  const std::string file = ReadFile(folder.Path("a"));
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_THROW(Parsed(file.substr(0, size)), Error) << size;
  ExpectError([&] { Parsed(file + '\0'); }, {"bytes of data, found"});
}

// Not every changed byte can be noticed, but none may do worse than throw an Error.
TEST(Safetensors, SurvivesEveryChangedByte) {
  TempDir folder;
  WriteSafetensors(folder.Path("a"), Example());
  const std::string file = ReadFile(folder.Path("a"));
  for (std::size_t i = 0; i < file.size(); ++i)
    for (const char value : {'\0', '\xff', '9', '-', '"', '{'}) {
      std::string changed = file;
      changed[i] = value;
      try {
        Parsed(changed);
      } catch (const Error&) {
      }
    }
}

TEST(Safetensors, RefusesMalformedHeaders) {
  ExpectRefused("", "", {"header in json"});
  ExpectRefused("[]", "", {"json object", "found array"});
  ExpectRefused("{", "", {"header in json"});
  ExpectRefused(R"({"w":1})", "", {"tensor 'w'", "expected an object, found number"});
  ExpectRefused(R"({"w":{"shape":[1]}})", "", {"tensor 'w'", "'dtype'"});
  ExpectRefused(R"({"w":{"dtype":"U8","data_offsets":[0,1]}})", "A", {"'shape'"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[1]}})", "A", {"'data_offsets'"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", "A", {"found [-1]"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}})", "A", {"found [1.5]"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":1,"data_offsets":[0,1]}})", "A", {"'shape'"});
  ExpectRefused(R"({"__metadata__":{"a":1}})", "", {"metadata 'a'", "found number"});
  ExpectRefused(R"({"__metadata__":[]})", "", {"'__metadata__'", "found array"});
  const std::string w = R"("w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  ExpectRefused("{" + w + "," + w + "}", "A", {"tensor 'w'", "found it twice"});
}

TEST(Safetensors, RefusesWrongOffsets) {
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "A", {"up to 1"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", "A", {"found [1,0]"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", "A", {"found [0]"});
  ExpectRefused(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,2]}})",
                "AB",
                {"expected 4 bytes for shape [1] of float32, found 2"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", "AB", {"a gap"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "AB", {"found 2"});
  ExpectRefused(R"({"v":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                R"("w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                "ABC",
                {"tensor 'w'", "an overlap"});
  ExpectRefused(R"({"w":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,0]}})",
                "",
                {"tensor 'w'", "2^63"});
}

TEST(Safetensors, RefusesOtherTypesByTensorName) {
  for (const std::string type : {"C64", "F4", "F8_E8M0", "f32", ""})
    ExpectRefused(R"({"mid.w":{"dtype":")" + type + R"(","shape":[1],"data_offsets":[0,2]}})",
                  "AB",
                  {"tensor 'mid.w'", "expected element type F32", "found \"" + type + "\""});
}

TEST(Safetensors, ErrorsNameThePlaceInTheFile) {
  ExpectRefused(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[1,3]}})", "ABC", {"at byte 63"});
  ExpectRefused(R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                "ABC",
                {"tensor 'w'", "expected its data at byte 61, found 62: a gap"});
  ExpectRefused(
      R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[0,9]}})", "ABC", {"after byte 61"});
  ExpectRefused(R"({"w":x})", "", {"header in json, found at byte 13:"});
}

TEST(Safetensors, RefusesKeysThatOccurTwice) {
  ExpectRefused(R"({"w":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                "A",
                {"expected each key of an object once, found 'dtype' twice"});
  ExpectRefused(R"({"__metadata__":{"a":"","a":""}})", "", {"found 'a' twice"});
  const std::string w = R"({"dtype":"U8","shape":[],"data_offsets":)";
  EXPECT_EQ(Parsed(File("{\"v\":" + w + "[0,1]},\"w\":" + w + "[1,2]}}", "AB")).tensors.size(), 2u);
}

TEST(Safetensors, RefusesDeepHeaders) {
  ExpectRefused(R"({"w":{"shape":[[1]]}})", "", {"'dtype'"});
  ExpectRefused(R"({"w":{"shape":[[[1]]]}})", "", {"at most 4 levels deep"});
  ExpectRefused(std::string(60000, '['), "", {"at most 4 levels deep"});
  std::string nested;
  for (int i = 0; i < 10000; ++i) nested += "{\"w\":";
  ExpectRefused(nested, "", {"at most 4 levels deep"});
}

// With a callback, the JSON parser walks through all tensors at the end of each; an ordered object
// walks through them for each key. Either way this header, of a small file, took many minutes.
TEST(Safetensors, ReadsAHeaderOfManyTensors) {
  std::string header = "{";
  for (int i = 0; i < 100000; ++i)
    header += (i > 0 ? ",\"" : "\"") + std::to_string(i) +
              R"(":{"dtype":"F64","shape":[0],"data_offsets":[0,0]})";
  header += "}";
  std::string file(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) file[i] = static_cast<char>(header.size() >> (8 * i));
  file += header;
  EXPECT_EQ(OpenSafetensors(MemorySource("x.safetensors", file))->Tensors().size(), 100000u);
}

struct TypeCase {
  ElementType type;
  std::string text, one;  // the bytes of the number 1
};

// Written, and read from bytes known from each type's definition.
TEST(Safetensors, HoldsEveryType) {
  const std::vector<TypeCase> cases = {
      {ElementType::kFloat64, "F64", std::string("\0\0\0\0\0\0\xf0\x3f", 8)},
      {ElementType::kFloat32, "F32", std::string("\0\0\x80\x3f", 4)},
      {ElementType::kFloat16, "F16", std::string("\0\x3c", 2)},
      {ElementType::kBfloat16, "BF16", "\x80\x3f"},
      {ElementType::kFloat8E4m3, "F8_E4M3", "\x38"},
      {ElementType::kFloat8E5m2, "F8_E5M2", "\x3c"},
      {ElementType::kInt64, "I64", std::string("\1\0\0\0\0\0\0\0", 8)},
      {ElementType::kInt32, "I32", std::string("\1\0\0\0", 4)},
      {ElementType::kInt16, "I16", std::string("\1\0", 2)},
      {ElementType::kInt8, "I8", "\1"},
      {ElementType::kUint64, "U64", std::string("\1\0\0\0\0\0\0\0", 8)},
      {ElementType::kUint32, "U32", std::string("\1\0\0\0", 4)},
      {ElementType::kUint16, "U16", std::string("\1\0", 2)},
      {ElementType::kUint8, "U8", "\1"},
      {ElementType::kBool, "BOOL", "\1"}};
  for (const TypeCase& c : cases) {
    SCOPED_TRACE(c.text);
    const std::string header = R"({"w":{"dtype":")" + c.text +
                               R"(","shape":[1],"data_offsets":[0,)" +
                               std::to_string(c.one.size()) + "]}}";
    const Safetensors read = Parsed(File(header, c.one));
    const Array& w = read.tensors.at("w");
    EXPECT_EQ(w.type, c.type);
    EXPECT_EQ(w.AsDoubles(), std::vector<double>{1});
    TempDir folder;
    WriteSafetensors(folder.Path("a"), read);
    const Array again = ReadSafetensors(folder.Path("a")).tensors.at("w");
    EXPECT_EQ(again.type, w.type);
    EXPECT_EQ(again.bytes, w.bytes);
  }
}

TEST(Safetensors, ATensorIsReadAlone) {
  TempDir folder;
  Safetensors content;
  content.tensors["a"] = Array::From({20000}, std::vector<float>(20000, 1));
  content.tensors["b"] = Array::From<float>({2}, {2, 3});
  WriteSafetensors(folder.Path("a"), content);
  const auto source = std::make_shared<CountingSource>("a", ReadFile(folder.Path("a")));
  const auto file = OpenSafetensors(source);
  EXPECT_EQ(file->Format(), "safetensors");
  EXPECT_EQ(file->Tensors().at("a").shape, (Shape{20000}));
  EXPECT_LT(source->BytesRead(), 200u);
  source->reads.clear();
  EXPECT_EQ(file->Read("b").AsDoubles(), (std::vector<double>{2, 3}));
  ASSERT_EQ(source->reads.size(), 1u);
  EXPECT_EQ(source->reads[0].size, 8u);
  EXPECT_EQ(source->reads[0].begin, source->Size() - 8);
  ExpectError([&] { file->Read("c"); }, {"safetensors 'a'", "tensor 'c'", "2 tensors"});
}

TEST(Safetensors, AFileCutShortMeanwhileIsNamedWithTensorAndPlace) {
  TempDir folder;
  WriteSafetensors(folder.Path("a"), Example());
  const auto file = OpenSafetensors(OpenFile(folder.Path("a")));
  std::filesystem::resize_file(folder.Path("a"), 100);
  ExpectError([&] { file->Read("scalar"); }, {"tensor 'scalar': 8 bytes at", "cut short"});
}

TEST(Safetensors, RefusesAHugeHeaderLength) {
  ExpectError([] { Parsed(std::string(7, '\xff') + "\x7f{}"); },
              {"expected a header of at most 2"});
  ExpectError([] { Parsed(std::string(7, '\0') + "\x10{}"); },
              {"expected a header of at most 2 bytes, found 1152921504606846976"});
}

TEST(Safetensors, RefusesToWriteWhatItCouldNotRead) {
  TempDir folder;
  Safetensors content;
  content.tensors["w"] = {ElementType::kFloat32, {2}, {0}};
  ExpectError([&] { WriteSafetensors(folder.Path("a"), content); },
              {"'w'", "expected 8 bytes for shape [2] of float32, found 1"});
  content.tensors = {{"__metadata__", Array::From<float>({1}, {1})}};
  EXPECT_THROW(WriteSafetensors(folder.Path("a"), content), Error);
  content.tensors = {{"\xff", Array::From<float>({1}, {1})}};
  EXPECT_THROW(WriteSafetensors(folder.Path("a"), content), Error);
  EXPECT_FALSE(std::filesystem::exists(folder.Path("a")));
}

}  // namespace
}  // namespace denoscope
