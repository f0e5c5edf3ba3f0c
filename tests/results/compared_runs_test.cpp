#include "denoscope/results/compared_runs.h"

#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "tests/support/compared_runs.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class ComparedRuns : public testing::Test {
 protected:
  fs::path Make(const std::string& name,
                const SyntheticRun& options = {},
                const ComparedIdentity& identity = {}) {
    MakeComparedRun(folder.Path(name), options, identity);
    return folder.Path(name);
  }
  void ExpectRefused(const fs::path& other, std::initializer_list<std::string> pieces) {
    ExpectError([&] { ReadComparedRuns({first, other}); }, pieces);
  }
  // A second run with one file of other content.
  void ExpectDamageSaid(const std::string& file,
                        const std::string& content,
                        std::initializer_list<std::string> pieces) {
    SCOPED_TRACE(file + ": " + content);
    const fs::path other = Make("other");
    WriteFile(other / file, content);
    ExpectRefused(other, pieces);
  }

  TempDir folder;
  fs::path first = Make("first");
};

TEST_F(ComparedRuns, AreWhatTheirFoldersHold) {
  SyntheticRun more;
  more.modes = 30;
  const std::vector<ComparedRun> runs =
      ReadComparedRuns({first, Make("second", more, {"linear:wiener:40", "sines", 40})});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].label, "net on sines");
  EXPECT_EQ(runs[1].label, "linear:wiener:40 on sines");
  EXPECT_EQ(runs[0].n, 0);
  EXPECT_EQ(runs[1].n, 40);
  EXPECT_EQ(runs[0].emergence.deep.size(), 20u);
  EXPECT_EQ(runs[1].emergence.deep.size(), 30u);
  EXPECT_EQ(runs[1].reference.lambda.size(), 96);
  EXPECT_EQ(runs[1].evaluations.size(), 3u);
  EXPECT_EQ(runs[1].levels.rows.size(), 3u);
}

TEST_F(ComparedRuns, LabelsAreMadeUnique) {
  const auto labels = [&](const std::vector<fs::path>& paths) {
    std::vector<std::string> all;
    for (const ComparedRun& run : ReadComparedRuns(paths)) all.push_back(run.label);
    return all;
  };
  Make("a/run");
  Make("b/run");
  EXPECT_EQ(
      labels({first, Make("second"), Make("third", {}, {"net", "discs"})}),
      (std::vector<std::string>{"net on sines (first)", "net on sines (second)", "net on discs"}));
  EXPECT_EQ(labels({folder.Path("a/run"), folder.Path("b") / "run/"}),
            (std::vector<std::string>{"net on sines (run) #0", "net on sines (run) #1"}));
}

TEST_F(ComparedRuns, DifferencesHaveTheirPlaces) {
  SyntheticRun options;
  options.sigmas = {0.1, 1.6};
  const Json found = Differences(
      ReadComparedRuns({first, Make("second", options, {"net", "discs", 50}), Make("third")}));
  EXPECT_EQ(found,
            Json({{"options.sigmas", {{0.1, 0.4, 1.6}, {0.1, 1.6}, {0.1, 0.4, 1.6}}},
                  {"data.name", {"sines", "discs", "sines"}},
                  {"data.sha256", {"of sines", "of discs", "of sines"}},
                  {"reference.sha256", {"of sines", "of discs", "of sines"}},
                  {"model.n", {nullptr, 50, nullptr}}}));
  EXPECT_EQ(Differences(ReadComparedRuns({first, Make("third")})), Json::object());
}

// Of an older version, whose identity had fewer options.
TEST_F(ComparedRuns, AnOptionThatOneVersionRecordsIsNoDifference) {
  RunFolder later = MakeComparedRun(folder.Path("later"), {});
  Json identity = later.Manifest()["identity"];
  identity["options"]["engine"] = "auto";
  identity["options"]["evaluation"] = {{"images", 2000}};
  later.SetManifest("identity", identity);
  EXPECT_EQ(Differences(ReadComparedRuns({first, later.Path()})), Json::object());
  RunFolder other = MakeComparedRun(folder.Path("other"), {});
  identity["options"]["engine"] = "dense";
  other.SetManifest("identity", identity);
  EXPECT_EQ(Differences(ReadComparedRuns({first, later.Path(), other.Path()})),
            Json({{"options.engine", {nullptr, "auto", "dense"}}}));
}

TEST_F(ComparedRuns, WhatCannotBeComparedIsRefused) {
  EXPECT_THROW(ReadComparedRuns({first}), UsageError);
  ExpectRefused(first, {"is given twice"});
  ExpectRefused(folder.Path("absent"), {"absent'", "has no run.json"});
  SyntheticRun options;
  options.shape = {1, 8, 12};
  ExpectRefused(Make("size", options), {"size'", "images are [1,8,12], expected [1,12,8]"});
  options = {};
  options.evaluation = false;
  ExpectRefused(Make("forwards", options), {"forwards'", "no evaluation"});
  options.training_set = false;
  ExpectRefused(Make("photo", options), {"photo'", "no training set"});
  RunFolder other = MakeComparedRun(folder.Path("other"), {});
  other.SetManifest("status", "shard complete");
  ExpectRefused(other.Path(), {"other'", "is not complete but 'shard complete'"});
  other.SetManifest("kind", "pca");
  ExpectRefused(other.Path(), {"other'", "is of kind pca, expected one of analyze"});
  other.SetManifest("version", 2);
  ExpectRefused(other.Path(), {"other'", "format version 2, expected 1"});
}

TEST_F(ComparedRuns, DamageIsSaid) {
  const std::string manifest = ReadFile(first / "run.json");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = manifest;
    return text.replace(text.find(from), from.size(), to);
  };
  ExpectDamageSaid("run.json", "", {"run.json"});
  ExpectDamageSaid("run.json", "[]", {"run.json", "version"});
  ExpectDamageSaid("run.json", with("\"analyze\"", "3"), {"run.json", "kind"});
  ExpectDamageSaid("run.json", with("\"name\": \"net\"", "\"n\": \"many\""), {"other'", "string"});
  ExpectDamageSaid("emergence.csv", "", {"other'", "emergence.csv", "empty file"});
  ExpectDamageSaid("emergence.csv", "lambda\n1\n", {"other'", "no column 'frequency'"});
  ExpectDamageSaid("statistics.csv", "denoiser\ndeep\n", {"other'", "no column 'measure'"});
  ExpectDamageSaid("modes.npz", "PK", {"other'"});
  ExpectDamageSaid("reference.npz", "", {"other'"});
  ExpectDamageSaid("levels.csv", "sigma,mse\n0.1,x\n", {"other'", "'mse'", "number", "'x'"});
  ExpectDamageSaid("levels.csv", "sigma\n0.1\n", {"other'", "levels.csv has the columns sigma"});
  std::string halves = ReadFile(first / "emergence.csv");
  ExpectDamageSaid(
      "emergence.csv", halves.replace(halves.rfind("none"), 4, "1,2,3"), {"other'", "fields"});
  const fs::path other = Make("other");
  fs::remove(other / "levels.csv");
  ExpectRefused(other, {"other'", "levels.csv"});
  Npz reference = ReadNpz(Make("other") / "reference.npz");
  const double variance = 1;
  reference["lambda"] = Array::From<double>({1}, &variance);
  WriteNpz(other / "reference.npz", reference);
  ExpectRefused(other, {"other'", "found 1 variances, expected 96"});
}

}  // namespace
}  // namespace denoscope
