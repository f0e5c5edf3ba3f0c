#include "denoscope/files/json.h"

#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

TEST(JsonFile, KeepsTheOrderOfKeys) {
  TempDir folder;
  Json json;
  json["z"] = 1;
  json["a"] = {0.1, "text", nullptr};
  WriteJson(folder.Path("a.json"), json);
  EXPECT_EQ(ReadFile(folder.Path("a.json")),
            "{\n  \"z\": 1,\n  \"a\": [\n    0.1,\n    \"text\",\n    null\n  ]\n}\n");
  EXPECT_EQ(ReadJson(folder.Path("a.json")), json);
}

TEST(JsonFile, ParseErrorsTellWhere) {
  TempDir folder;
  WriteFile(folder.Path("a.json"), "{\n  \"a\": 1,\n  oops\n}\n");
  ExpectError([&] { ReadJson(folder.Path("a.json")); },
              {"json '" + folder.Path("a.json").string() + "'", "byte 15 of 21", "line 3"});
  WriteFile(folder.Path("a.json"), "[1e999]");
  ExpectError([&] { ReadJson(folder.Path("a.json")); }, {"number overflow"});
}

TEST(JsonFile, RefusesEveryTruncation) {
  TempDir folder;
  const std::string text = R"({"a": [1, -2.5e3, "t\u00e4"], "b": {"c": null}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    WriteFile(folder.Path("a.json"), text.substr(0, size));
    EXPECT_THROW(ReadJson(folder.Path("a.json")), Error) << size;
  }
}

TEST(JsonFile, RefusesToWriteBadUtf8) {
  TempDir folder;
  ExpectError([&] { WriteJson(folder.Path("a.json"), Json("\xff")); }, {"a.json", "UTF-8"});
  EXPECT_FALSE(std::filesystem::exists(folder.Path("a.json")));
}

TEST(JsonFile, FieldErrorsNameFileAndKey) {
  const Json json = {{"sigma", "high"}};
  EXPECT_EQ(JsonField<std::string>(json, "sigma", "a.json"), "high");
  ExpectError([&] { JsonField<double>(json, "sigma", "a.json"); }, {"'a.json'", "'sigma'"});
  ExpectError([&] { JsonField<double>(json, "seed", "a.json"); }, {"'a.json'", "'seed'"});
}

}  // namespace
}  // namespace denoscope
