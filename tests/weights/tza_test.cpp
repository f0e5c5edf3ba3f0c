#include "denoscope/weights/tza.h"

#include <gtest/gtest.h>

#include "tests/support/counting_source.h"
#include "tests/support/expect_error.h"
#include "tests/support/python.h"
#include "tests/support/tza_writer.h"

namespace denoscope {
namespace {

std::vector<TzaTensor> Tensors() {
  return {TzaHalf("conv.weight", "oihw", {2, 1, 1, 3}, {0, 1, 2, 3, 1000, 2048}),
          TzaFloat("conv.bias", "x", {2}, {0.1f, -7.5f}),
          TzaFloat("none", "x", {0}, {})};
}

std::map<std::string, Array> Parsed(const std::string& content) {
  const auto file = OpenTza(MemorySource("x.tza", content));
  std::map<std::string, Array> tensors;
  for (const auto& [name, info] : file->Tensors()) tensors[name] = file->Read(name);
  return tensors;
}

void ExpectRefused(const std::string& content, std::initializer_list<std::string> pieces) {
  ExpectError([&] { Parsed(content); }, {"tza 'x.tza': "});
  ExpectError([&] { Parsed(content); }, pieces);
}

// One tensor `t` whose data would be `bytes` long, at `offset`.
std::string WithOne(const TzaTensor& tensor, std::uint64_t offset, std::size_t bytes) {
  const std::size_t table = TzaHeader(0).size() + bytes;
  return TzaHeader(table) + std::string(bytes, '\0') + pickling::Little(1, 4) +
         TzaEntry(tensor, offset);
}

TEST(Tza, HasItsTensors) {
  const std::string content = TzaFileOf(Tensors());
  const auto file = OpenTza(MemorySource("x.tza", content));
  EXPECT_EQ(file->Name(), "x.tza");
  EXPECT_EQ(file->Format(), "tza");
  ASSERT_EQ(file->Tensors().size(), 3u);
  EXPECT_EQ(file->Tensors().at("conv.weight").type, ElementType::kFloat16);
  EXPECT_EQ(file->Tensors().at("conv.weight").shape, (Shape{2, 1, 1, 3}));
  EXPECT_EQ(file->Read("conv.weight").AsDoubles(), (std::vector<double>{0, 1, 2, 3, 1000, 2048}));
  EXPECT_EQ(file->Tensors().at("conv.bias").type, ElementType::kFloat32);
  EXPECT_EQ(file->Read("conv.bias").AsDoubles(), (std::vector<double>{0.1f, -7.5f}));
  EXPECT_TRUE(file->Read("none").bytes.empty());
  ExpectError([&] { file->Read("other"); }, {"tza 'x.tza'", "'other'", "3 tensors"});
  EXPECT_TRUE(Parsed(TzaFileOf({})).empty());
}

TEST(Tza, ReadsTheBytesOfOneTensorAlone) {
  const std::vector<float> many(4096, 0.5f);
  const auto source = std::make_shared<CountingSource>(
      "x", TzaFileOf({TzaFloat("many", "x", {4096}, many), TzaHalf("one", "x", {1}, {1})}));
  const auto file = OpenTza(source);
  EXPECT_LT(source->BytesRead(), 100u);
  source->reads.clear();
  file->Read("one");
  EXPECT_EQ(source->BytesRead(), 2u);
}

// The format as NumPy reads it: halves of every exponent, signs, zeros.
TEST(Tza, HasTheNumbersThatNumpyWrote) {
  if (!NumpyPython()) GTEST_SKIP() << "neither /usr/bin/python3 nor python3 can import numpy";
  const TempDir folder;
  const PythonResult result = RunNumpy(folder, R"(
import struct
bits = np.arange(0, 1 << 16, 37, dtype=np.uint16)
w = bits[(bits & 0x7c00) != 0x7c00].view(np.float16)
data = w.tobytes()
name = b"enc.weight"
table = struct.pack("<I", 1) + struct.pack("<H", len(name)) + name
table += struct.pack("<B4I", 4, len(w), 1, 1, 1) + b"oihw" + b"h" + struct.pack("<Q", 12)
open("x.tza", "wb").write(struct.pack("<HBBQ", 0x41d7, 2, 0, 12 + len(data)) + data + table)
np.save("w.npy", w.astype(np.float64))
print(" ".join(repr(float(x)) for x in w))
)");
  ASSERT_EQ(result.status, 0) << result.output;
  std::istringstream words(result.output);
  std::vector<double> expected;
  for (double value = 0; words >> value;) expected.push_back(value);
  const auto file = OpenTza(OpenFile(folder.Path("x.tza")));
  EXPECT_GT(expected.size(), 1000u);
  EXPECT_EQ(file->Read("enc.weight").AsDoubles(), expected);
}

TEST(Tza, RefusesEveryTruncation) {
  const std::string content = TzaFileOf(Tensors());
  for (std::size_t size = 0; size < content.size(); ++size) {
    SCOPED_TRACE(size);
    ExpectRefused(content.substr(0, size), {"found"});
  }
}

// Not every changed byte can be noticed, but none may do worse than throw an Error.
TEST(Tza, SurvivesEveryChangedByte) {
  const std::string content = TzaFileOf(Tensors());
  for (std::size_t i = 0; i < content.size(); ++i)
    for (const char value : {'\0', '\1', '\x7f', '\xff', 'f', 'x'}) {
      std::string changed = content;
      changed[i] = value;
      try {
        Parsed(changed);
      } catch (const Error&) {
      }
    }
}

TEST(Tza, RefusesAnotherHeader) {
  ExpectRefused("PK" + TzaHeader(12).substr(2), {"d7 41"});
  ExpectRefused(TzaHeader(12, 1) + std::string(4, '\0'), {"expected version 2, found 1"});
  for (const std::uint64_t table : {0ull, 11ull, 17ull, ~0ull})
    ExpectRefused(TzaHeader(table) + std::string(4, '\0'),
                  {fmt::format("between byte 12 and the end at 16, found it at {}", table)});
}

TEST(Tza, RefusesWhatItCannotRead) {
  ExpectRefused(WithOne({"t", "hwio", "f", {1, 1, 1, 1}, ""}, 12, 4),
                {"tensor 't'", "layout x or oihw, found 'hwio'"});
  ExpectRefused(WithOne({"t", "", "f", {}, ""}, 12, 4), {"layout x or oihw, found ''"});
  ExpectRefused(WithOne({"t", "xx", "f", {1, 1}, ""}, 12, 4), {"layout x or oihw, found 'xx'"});
  ExpectRefused(WithOne({"t", "x", "b", {1}, ""}, 12, 4), {"tensor 't'", "float16), found 'b'"});
  const TzaTensor twice = TzaHalf("t", "x", {1}, {1});
  ExpectRefused(TzaFileOf({twice, twice}), {"tensor 't'", "found it twice"});
}

TEST(Tza, RefusesDataThatLeaveTheFile) {
  const TzaTensor one = {"t", "x", "f", {1}, ""};
  const std::size_t size = WithOne(one, 12, 4).size();
  EXPECT_EQ(Parsed(WithOne(one, 12, 4)).at("t").bytes.size(), 4u);
  for (const std::uint64_t offset : {std::uint64_t{size - 3}, std::uint64_t{size}, ~0ul})
    ExpectRefused(WithOne(one, offset, 4),
                  {"tensor 't'",
                   fmt::format("expected 4 bytes at byte {}, found a file of {}", offset, size)});
  ExpectRefused(WithOne({"t", "x", "f", {0xffffffff}, ""}, 12, 4), {"expected 17179869180 bytes"});
  const std::uint64_t most = 0xffffffff;
  ExpectRefused(WithOne({"t", "oihw", "f", {most, most, most, most}, ""}, 12, 4), {"tensor 't'"});
  ExpectRefused(WithOne({"t", "oihw", "f", {most, most, 0, most}, ""}, ~0ul, 4), {"tensor 't'"});
}

// The header's last byte, the table's first, other data.
TEST(Tza, RefusesOverlaps) {
  const TzaTensor two = {"t", "x", "f", {2}, ""};
  ExpectRefused(WithOne(two, 11, 8), {"tensor 't' after the header", "at byte 11", "overlap"});
  ExpectRefused(WithOne(two, 13, 8), {"the table after tensor 't'", "ends at byte 21", "overlap"});
  const std::string table =
      pickling::Little(2, 4) + TzaEntry(two, 12) + TzaEntry({"u", "x", "f", {2}, ""}, 16);
  ExpectRefused(TzaHeader(24) + std::string(12, '\0') + table,
                {"tensor 'u' after tensor 't', which ends at byte 20, found it at byte 16"});
}

// A count that the table cannot hold asks for no memory.
TEST(Tza, RefusesACountBeyondTheFile) {
  ExpectRefused(TzaHeader(12) + pickling::Little(0xffffffff, 4), {"truncated", "at byte 16"});
}

}  // namespace
}  // namespace denoscope
