#include "denoscope/arrays/npy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/arrays/npy_header.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/zip.h"
#include "tests/support/expect_error.h"
#include "tests/support/python.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

void ExpectSame(const Array& found, const Array& expected) {
  EXPECT_EQ(found.type, expected.type);
  EXPECT_EQ(found.shape, expected.shape);
  EXPECT_EQ(found.bytes, expected.bytes);
}

Npz Example() {
  return {{"f4", Array::From<float>({2, 3}, {1, 2, 3, 4, 5, 6})},
          {"f8", Array::From<double>({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 1.0 / 3})},
          {"i4", Array::From<std::int32_t>({3}, {-1, 0, 1})},
          {"i8", Array::From<std::int64_t>({}, {1ll << 40})},
          {"i2", Array::From<std::int16_t>({2}, {-32768, 1})},
          {"i1", Array::From<std::int8_t>({2}, {-128, 1})},
          {"f2", {ElementType::kFloat16, {2}, {0x00, 0x3c, 0x00, 0xc0}}},
          {"u8", Array::From<std::uint64_t>({1}, {std::uint64_t{1} << 63})},
          {"u4", Array::From<std::uint32_t>({1}, {4294967295u})},
          {"u2", Array::From<std::uint16_t>({1}, {65535})},
          {"u1", Array::From<std::uint8_t>({1, 2}, {0, 255})},
          {"b1", {ElementType::kBool, {2}, {1, 0}}},
          {"none", Array::From<double>({0, 5}, std::vector<double>{})}};
}

std::string NpyFile(const std::string& dict, const std::string& data, char version = 1) {
  std::string file("\x93NUMPY", 6);
  file += {version, '\0', static_cast<char>(dict.size()), static_cast<char>(dict.size() >> 8)};
  if (version > 1) file += std::string(2, '\0');
  return file + dict + data;
}

std::string Dict(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

void ExpectRefused(const std::string& dict,
                   const std::string& data,
                   std::initializer_list<std::string> pieces) {
  SCOPED_TRACE(dict);
  ExpectError([&] { ParseNpy(NpyFile(dict, data), "a.npy"); }, {"npy 'a.npy': "});
  ExpectError([&] { ParseNpy(NpyFile(dict, data), "a.npy"); }, pieces);
}

TEST(Npy, RoundTrip) {
  TempDir folder;
  for (const auto& [name, array] : Example()) {
    SCOPED_TRACE(name);
    WriteNpy(folder.Path("a.npy"), array);
    ExpectSame(ReadNpy(folder.Path("a.npy")), array);
    EXPECT_EQ(NpyHeader(array).size() % 64, 0u);
  }
}

TEST(Npy, ReadsEveryVersionAndSpelling) {
  const Array expected = Array::From<std::uint8_t>({2}, {65, 66});
  for (const char version : {1, 2, 3})
    ExpectSame(ParseNpy(NpyFile(Dict("|u1", "(2,)"), "AB", version), "a"), expected);
  ExpectSame(
      ParseNpy(NpyFile("{\"shape\":(2,),\"descr\":\"<u1\",\"fortran_order\":True}", "AB"), "a"),
      expected);
}

TEST(Npy, TurnsFortranOrder) {
  const std::string dict = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }\n";
  // The byte at (i,j,k) of a column-major file is i + 2 (j + 3 k).
  const Array array = ParseNpy(NpyFile(dict, "abcdefghijkl"), "a");
  EXPECT_EQ(std::string(array.bytes.begin(), array.bytes.end()), "agciekbhdjfl");
}

TEST(Npy, RefusesEveryTruncationAndExtraBytes) {
  for (const auto& [name, array] : Example()) {
    const std::string file = NpyHeader(array) + std::string(array.bytes.begin(), array.bytes.end());
    for (std::size_t size = 0; size < file.size(); ++size)
      ExpectError([&] { ParseNpy(file.substr(0, size), "a.npy"); }, {"npy 'a.npy': "});
    ExpectError([&] { ParseNpy(file + 'x', "a.npy"); }, {"bytes of data for shape"});
  }
}

TEST(Npy, SurvivesEveryChangedByte) {
  const std::string file = NpyHeader(Example().at("f4")) + std::string(24, 'x');
  for (std::size_t i = 0; i < file.size(); ++i)
    for (const char value : {'\0', '\xff', '9', '-', '\'', '(', ')', '}'}) {
      std::string changed = file;
      changed[i] = value;
      try {
        ParseNpy(changed, "a");
      } catch (const Error&) {
      }
    }
}

TEST(Npy, RefusesOtherMagicAndVersions) {
  ExpectError([] { ParseNpy("PK\3\4 and more", "a.npy"); }, {"npy 'a.npy'", "magic"});
  ExpectError([] { ParseNpy(NpyFile(Dict("|u1", "(1,)"), "A", 4), "a.npy"); }, {"found 4.0"});
}

TEST(Npy, RefusesWrongSizes) {
  ExpectRefused(Dict("<f4", "(2, 3)"),
                "ABC",
                {"expected 24 bytes of data for shape [2,3] of float32, found 3"});
  ExpectRefused(Dict("<f4", "(4611686018427387904, 4)"), "", {"2^63"});
  ExpectRefused(Dict("<f8", "(2305843009213693952,)"), "", {"2^63"});
  ExpectRefused(Dict("<f8", "(1000000000000,)"), "", {"expected 8000000000000 bytes", "found 0"});
  ExpectRefused(Dict("<f8", "(9223372036854775808,)"), "", {"an extent from 0 to 2^63-1"});
  ExpectRefused(Dict("|u1", "(-1,)"), "", {"an extent from 0 to 2^63-1"});
}

TEST(Npy, RefusesOtherElementTypesByName) {
  ExpectRefused(Dict(">f4", "(1,)"), "ABCD", {"expected element type <f4", "'>f4' (big-endian)"});
  ExpectRefused(Dict("|O", "(1,)"), "ABCD", {"'|O' (python objects)"});
  ExpectRefused(Dict("<c8", "(1,)"), "ABCDEFGH", {"found '<c8'"});
  ExpectRefused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
                "ABCD",
                {"structured types are not read"});
}

TEST(Npy, RefusesMalformedHeaders) {
  ExpectRefused("", "", {"expected '{'"});
  ExpectRefused("{}", "", {"descr, fortran_order, shape once"});
  ExpectRefused("{'descr': '|u1', 'shape': (1,), }", "A", {"fortran_order"});
  ExpectRefused("{'descr': '|u1', 'descr': '|u1', }", "A", {"found 'descr'"});
  ExpectRefused("{'descr': '|u1', 'extra': '', }", "A", {"found 'extra'"});
  ExpectRefused("{'descr': '|u1' 'shape': (1,)}", "A", {"expected '}'"});
  ExpectRefused("{'descr': '|u1", "A", {"closing quote"});
  ExpectRefused(Dict("|u1", "(1)"), "A", {"expected ','"});
  ExpectRefused(Dict("|u1", "(1,"), "A", {"an extent"});
  ExpectRefused(Dict("|u1", "[1]"), "A", {"expected '('"});
  ExpectRefused(Dict("|u1", "(1.5,)"), "A", {"expected ','"});
  ExpectRefused(Dict("|u1", "(1,)") + "x", "A", {"nothing but spaces"});
  std::string deep = "(";
  for (int i = 0; i < 65; ++i) deep += "1,";
  ExpectRefused(Dict("|u1", deep + ")"), "A", {"at most 64 dimensions"});
  ExpectRefused("{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}", "A", {"True or False"});
}

TEST(Npy, RefusesToWriteBytesThatDoNotFit) {
  TempDir folder;
  ExpectError(
      [&] {
        WriteNpy(folder.Path("a.npy"), {ElementType::kFloat32, {2}, {0}});
      },
      {"shape [2] of float32", "expected 8 bytes, found 1"});
  ExpectError([] { NpyHeader(ElementType::kBfloat16, {1}); },
              {"expected an element type that numpy has, found bfloat16"});
  ExpectError([] { NpyHeader(ElementType::kFloat8E4m3, {1}); }, {"found float8_e4m3"});
  const Array deep = {ElementType::kUint8, Shape(30000, 1), {0}};
  ExpectError([&] { WriteNpy(folder.Path("a.npy"), deep); }, {"at most 65535", "30000"});
}

TEST(Npz, RoundTrip) {
  TempDir folder;
  const Npz arrays = Example();
  WriteNpz(folder.Path("a.npz"), arrays);
  const Npz read = ReadNpz(folder.Path("a.npz"));
  ASSERT_EQ(read.size(), arrays.size());
  for (const auto& [name, array] : arrays) ExpectSame(read.at(name), array);
}

TEST(Npz, EqualArraysGiveEqualBytes) {
  TempDir folder;
  WriteNpz(folder.Path("a.npz"), Example());
  WriteNpz(folder.Path("b.npz"), Example());
  EXPECT_EQ(ReadFile(folder.Path("a.npz")), ReadFile(folder.Path("b.npz")));
}

TEST(Npz, NamesFileAndMemberOfABadArray) {
  TempDir folder;
  ZipWriter zip(folder.Path("a.npz"));
  zip.Add("good.npy", NpyHeader(Example().at("none")), "");
  zip.Add("bad.npy", "no array", "");
  zip.Commit();
  ExpectError([&] { ReadNpz(folder.Path("a.npz")); }, {folder.Path("a.npz").string(), "bad.npy"});
}

TEST(Npz, RefusesOtherMembers) {
  TempDir folder;
  ZipWriter zip(folder.Path("a.npz"));
  zip.Add("npy", "", "");
  zip.Commit();
  ExpectError([&] { ReadNpz(folder.Path("a.npz")); }, {"expected members named *.npy", "'npy'"});
}

class Numpy : public testing::Test {
 protected:
  void SetUp() override {
    if (!NumpyPython()) GTEST_SKIP() << "neither /usr/bin/python3 nor python3 can import numpy";
  }
  void Run(const std::string& snippet) {
    const PythonResult result = RunNumpy(folder_, snippet);
    ASSERT_EQ(result.status, 0) << result.output;
  }
  TempDir folder_;
};

TEST_F(Numpy, ReadsOurFiles) {
  const Npz arrays = Example();
  WriteNpz(folder_.Path("a.npz"), arrays);
  WriteNpy(folder_.Path("a.npy"), arrays.at("f4"));
  Run(R"(
z = np.load('a.npz', allow_pickle=False)
expected = {'f4': np.arange(1, 7, dtype='f4').reshape(2, 3), 'i8': np.array(1 << 40),
            'f8': np.array([0, 1, 2, 3, 4, 5, 6, 1 / 3]).reshape(2, 2, 2),
            'i4': np.array([-1, 0, 1], dtype='i4'), 'u1': np.array([[0, 255]], dtype='u1'),
            'i2': np.array([-32768, 1], dtype='i2'), 'i1': np.array([-128, 1], dtype='i1'),
            'f2': np.array([1, -2], dtype='f2'), 'u8': np.array([1 << 63], dtype='u8'),
            'u4': np.array([4294967295], dtype='u4'), 'u2': np.array([65535], dtype='u2'),
            'b1': np.array([True, False]), 'none': np.zeros((0, 5))}
assert sorted(z.files) == sorted(expected), z.files
for name, e in expected.items():
    assert z[name].dtype == e.dtype and z[name].shape == e.shape, name
    assert np.array_equal(z[name], e), name
    assert z[name].flags.c_contiguous
assert z.zip.testzip() is None
assert np.array_equal(np.load('a.npy'), expected['f4'])
assert np.array_equal(np.load('a.npy', mmap_mode='r'), expected['f4'])
)");
}

TEST_F(Numpy, ItsArraysAreReadInBothOrders) {
  Run(R"(
a = np.arange(24.).reshape(2, 3, 4)
np.save('c.npy', a)
np.save('f.npy', np.asfortranarray(a))
np.save('s.npy', np.float32(2.5))
np.save('b.npy', np.array([[True], [False]]))
np.save('big.npy', a.astype('>f8'))
np.save('o.npy', np.array([None]))
)");
  std::vector<double> values(24);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  const Array expected = Array::From({2, 3, 4}, values);
  ExpectSame(ReadNpy(folder_.Path("c.npy")), expected);
  ExpectSame(ReadNpy(folder_.Path("f.npy")), expected);
  ExpectSame(ReadNpy(folder_.Path("s.npy")), Array::From<float>({}, {2.5f}));
  ExpectSame(ReadNpy(folder_.Path("b.npy")), {ElementType::kBool, {2, 1}, {1, 0}});
  ExpectError([&] { ReadNpy(folder_.Path("big.npy")); }, {"big.npy", "big-endian"});
  ExpectError([&] { ReadNpy(folder_.Path("o.npy")); }, {"o.npy", "python objects"});
}

TEST_F(Numpy, ReadsEveryFloat16AsWeDo) {
  Run(R"(
a = np.arange(65536, dtype='u2').view('f2')
np.save('half.npy', a)
np.save('double.npy', a.astype('f8'))
)");
  const std::vector<double> found = ReadNpy(folder_.Path("half.npy")).AsDoubles();
  const std::vector<double> expected = ReadNpy(folder_.Path("double.npy")).AsDoubles();
  ASSERT_EQ(found.size(), 65536u);
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_TRUE(found[i] == expected[i] || (std::isnan(found[i]) && std::isnan(expected[i]))) << i;
}

TEST_F(Numpy, ItsArchivesAreRead) {
  Run(R"(
a = np.arange(20000, dtype='i8').reshape(100, 200)
np.savez('stored.npz', a=a, b=np.float32([1, 2]), empty=np.zeros((0, 2)))
np.savez_compressed('deflated.npz', a=a, b=np.float32([1, 2]), empty=np.zeros((0, 2)))
)");
  for (const std::string name : {"stored.npz", "deflated.npz"}) {
    const Npz arrays = ReadNpz(folder_.Path(name));
    ASSERT_EQ(arrays.size(), 3u);
    EXPECT_EQ(arrays.at("a").shape, (Shape{100, 200}));
    EXPECT_EQ(arrays.at("a").Data<std::int64_t>()[19999], 19999);
    ExpectSame(arrays.at("b"), Array::From<float>({2}, {1, 2}));
    EXPECT_EQ(arrays.at("empty").shape, (Shape{0, 2}));
  }
}

TEST_F(Numpy, ItsCompressedArchivesAreRefusedWhenTruncatedOrChanged) {
  Run("np.savez_compressed('a.npz', a=np.arange(6), b=np.zeros(3))\n");
  const std::string file = ReadFile(folder_.Path("a.npz"));
  for (std::size_t size = 0; size < file.size(); ++size) {
    WriteFile(folder_.Path("cut.npz"), file.substr(0, size));
    EXPECT_THROW(ReadNpz(folder_.Path("cut.npz")), Error) << size;
  }
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 0xff);
    WriteFile(folder_.Path("changed.npz"), changed);
    try {
      ReadNpz(folder_.Path("changed.npz"));
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace denoscope
