#include "denoscope/weights/weights_file.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "denoscope/files/atomic_file.h"
#include "denoscope/files/zip.h"
#include "denoscope/weights/safetensors.h"
#include "tests/support/counting_source.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"
#include "tests/support/torch_writer.h"
#include "tests/support/tza_writer.h"

namespace denoscope {
namespace {

std::string WrittenSafetensors() {
  TempDir folder;
  Safetensors content;
  content.tensors["a.weight"] = Array::From({64, 64}, std::vector<float>(4096, 0.5f));
  content.tensors["b"] = Array::From<std::int64_t>({}, {7});
  content.metadata["format"] = "pt";
  WriteSafetensors(folder.Path("a"), content);
  return ReadFile(folder.Path("a"));
}

void ExpectNoWeights(const std::string& content, const std::string& found) {
  SCOPED_TRACE(found);
  ExpectError([&] { OpenWeights(MemorySource("dir/x.pt", content)); },
              {"weights 'dir/x.pt': expected safetensors, a pytorch checkpoint or a tza file, "
               "found " +
               found});
}

TEST(OpenWeights, TellsSafetensorsByContent) {
  TempDir folder;
  WriteFile(folder.Path("x.bin"), WrittenSafetensors());
  const auto file = OpenWeights(folder.Path("x.bin"));
  EXPECT_EQ(file->Name(), folder.Path("x.bin").string());
  EXPECT_EQ(file->Format(), "safetensors");
  EXPECT_EQ(file->Metadata().at("format"), "pt");
  EXPECT_TRUE(file->Notes().empty());
  ASSERT_EQ(file->Tensors().size(), 2u);
  EXPECT_EQ(file->Tensors().at("a.weight").shape, (Shape{64, 64}));
  EXPECT_EQ(file->Tensors().at("b").type, ElementType::kInt64);
  EXPECT_EQ(file->Read("b").AsDoubles(), std::vector<double>{7});
}

TEST(OpenWeights, ReadsTheBytesOfOneTensorAlone) {
  const auto source = std::make_shared<CountingSource>("x", WrittenSafetensors());
  const auto file = OpenWeights(source);
  EXPECT_LT(source->BytesRead(), 1000u);
  source->reads.clear();
  file->Read("b");
  EXPECT_EQ(source->BytesRead(), 8u);
  file->Read("a.weight");
  EXPECT_EQ(source->BytesRead(), 8u + 4 * 4096);
}

TEST(OpenWeights, AKeyIsRefusedForSafetensors) {
  const std::string content = WrittenSafetensors();
  ExpectError([&] { OpenWeights(MemorySource("x", content), "ema"); },
              {"weights 'x'", "expected no key", "found 'ema'"});
}

TEST(OpenWeights, TellsTensorArchivesByContentAndRefusesAKeyForThem) {
  const std::string content = TzaFileOf({TzaHalf("a.bias", "x", {2}, {1, 2})});
  const auto file = OpenWeights(MemorySource("x.bin", content));
  EXPECT_EQ(file->Format(), "tza");
  EXPECT_EQ(file->Read("a.bias").AsDoubles(), (std::vector<double>{1, 2}));
  ExpectError([&] { OpenWeights(MemorySource("x", content), "ema"); },
              {"weights 'x'", "expected no key, for tza files", "found 'ema'"});
}

// Their first two bytes are also those of a safetensors header of 0x41d7 bytes.
TEST(OpenWeights, ALongSafetensorsHeaderIsNoTensorArchive) {
  constexpr std::size_t kHeader = 0x41d7;
  const std::string length = {'\xd7', '\x41', 0, 0, 0, 0, 0, 0};
  const std::string content = length + "{" + std::string(kHeader - 2, ' ') + "}";
  EXPECT_EQ(OpenWeights(MemorySource("x", content))->Format(), "safetensors");
}

TEST(OpenWeights, TruncatedSafetensorsAreCalledSo) {
  const std::string content = WrittenSafetensors();
  for (std::size_t size = 9; size < content.size(); size += 7)
    ExpectError([&] { OpenWeights(MemorySource("x", content.substr(0, size))); },
                {"safetensors 'x': "});
}

TEST(OpenWeights, TellsBothFormatsOfPyTorchByContentAndPassesTheKeyOn) {
  for (const bool legacy : {false, true}) {
    TorchWriter writer(legacy);
    const std::string content =
        writer.File(pickling::Dict({{"net", pickling::Dict({{"w", writer.Tensor({1}, {1})}})},
                                    {"shadow", pickling::Dict({{"w", writer.Tensor({1}, {2})}})}}));
    EXPECT_EQ(OpenWeights(MemorySource("x", content))->Read("w").AsDoubles()[0], 1);
    const auto file = OpenWeights(MemorySource("x", content), "shadow");
    EXPECT_EQ(file->Format(), legacy ? "torch legacy" : "torch zip");
    EXPECT_EQ(file->Read("w").AsDoubles()[0], 2);
  }
}

// A zip file is taken for a checkpoint, whatever it holds.
TEST(OpenWeights, ZipFilesAreReadAsCheckpoints) {
  TempDir folder;
  ZipWriter zip(folder.Path("x.zip"));
  zip.Add("readme", "no weights here", "");
  zip.Commit();
  ZipWriter(folder.Path("empty.zip")).Commit();
  for (const std::string name : {"x.zip", "empty.zip"}) {
    try {
      OpenWeights(folder.Path(name));
      ADD_FAILURE() << "expected an Error, nothing was thrown";
    } catch (const Error& e) {
      EXPECT_EQ(std::string(e.what()).find("expected safetensors"), std::string::npos) << e.what();
      EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << e.what();
    }
  }
}

TEST(OpenWeights, OtherFilesAreRefusedWithWhatTheyAre) {
  TempDir folder;
  const gzFile gzip = gzopen(folder.Path("a.gz").c_str(), "wb");
  gzwrite(gzip, "some content", 12);
  gzclose(gzip);
  ExpectNoWeights(ReadFile(folder.Path("a.gz")), "a gzip file");
  ExpectNoWeights("\x89HDF\r\n\x1a\n and more", "an hdf5 file");
  ExpectNoWeights("\x93NUMPY\1\1 and more", "a numpy file");
  ExpectNoWeights("GGUF\3 and more of it", "a gguf file");
  ExpectNoWeights("name" + std::string(253, '\0') + "ustar  ", "a tar file");
  ExpectNoWeights("version https://git-lfs.github.com/spec/v1\noid", "a git-lfs pointer");
  ExpectNoWeights("<!DOCTYPE html><html>", "an html page");
  ExpectNoWeights("", "an empty file");
  ExpectNoWeights("\x08\x07\x12\x07pytorch\x1a",
                  "a file that begins with the bytes 08 07 12 07 70");
  ExpectNoWeights("{}", "a file that begins with the bytes 7b 7d");
  ExpectNoWeights(std::string(7, '\0') + "\x10[]", "a file that begins with the bytes 00 00 00");
}

TEST(OpenWeights, AMissingFileIsNamed) {
  TempDir folder;
  ExpectError([&] { OpenWeights(folder.Path("absent.pt")); }, {"absent.pt'", "cannot open"});
}

}  // namespace
}  // namespace denoscope
