#include "denoscope/results/run_folder.h"

#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

Json Manifest(double sigma = 0.1) {
  return {{"kind", "analyze"},
          {"version", 1},
          {"identity",
           {{"options", {{"sigmas", {sigma, 1.0 / 3}}, {"draws", 1}}},
            {"seed", 7},
            {"model", {{"sha256", "abc"}}}}},
          {"command", "denoscope analyze"}};
}

class RunFolderTest : public testing::Test {
 protected:
  fs::path Path(const std::string& name = "run") const { return temp_.Path(name); }
  void ExpectBeginError(const Json& manifest, std::initializer_list<std::string> pieces) const {
    const std::string before = ReadFile(Path() / "run.json");
    ExpectError([&] { RunFolder::Begin({Path()}, manifest); }, pieces);
    EXPECT_EQ(ReadFile(Path() / "run.json"), before) << "a refused run was changed";
  }

 private:
  TempDir temp_;
};

TEST(CellName, IsExactlyThis) {
  CellKey key;
  key.image = 3;
  key.sigma = 0.1;
  EXPECT_EQ(CellName(key), "img-00003_sig-0.100000_draw-00");
  key = {12345, 11, 9, 13.3500004};
  EXPECT_EQ(CellName(key), "img-12345_sig-13.350000_draw-09");
  EXPECT_EQ(ImageUnitName(3, 0.1), "img-00003_sig-0.100000");
  EXPECT_EQ(EvaluationName(0.02), "eval_sig-0.020000");
}

TEST(CellName, IsReadBack) {
  const auto key = CellKeyOf("img-00003_sig-0.100000_draw-12");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->image, 3);
  EXPECT_EQ(key->sigma, 0.1);
  EXPECT_EQ(key->draw, 12);
  for (const char* other :
       {"", "img-00003_sig-0.100000", "eval_sig-0.100000", "img-1_sig-1_draw-1x"})
    EXPECT_FALSE(CellKeyOf(other)) << other;
}

TEST_F(RunFolderTest, TablesAreReadByTheirDeclaration) {
  const TableSpec spec = {"some.csv", {"a", "b"}};
  Table table = spec.Empty({"c_1"});
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b", "c_1"}));
  const RunFolder run = RunFolder::Begin({Path()}, Manifest());
  EXPECT_TRUE(run.ReadTableIf(spec).columns.empty());
  ExpectError([&] { run.ReadTable(spec); }, {"some.csv"});
  AddRow(table, {1, 2, 3});
  WriteCsv(run.Path() / spec.file, table);
  EXPECT_EQ(run.ReadTable(spec).rows, table.rows);
  EXPECT_EQ(run.ReadTableIf(spec).columns, table.columns);
}

TEST_F(RunFolderTest, BeginsInAnAbsentAndInAnEmptyFolder) {
  for (const std::string name : {"absent/below", "empty"}) {
    if (name == "empty") fs::create_directory(Path(name));
    const RunFolder run = RunFolder::Begin({Path(name)}, Manifest());
    EXPECT_EQ(run.Manifest()["status"], "unfinished");
    EXPECT_TRUE(fs::is_directory(Path(name) / "cells"));
    EXPECT_EQ(RunFolder::Open(Path(name)).Manifest(), run.Manifest());
    EXPECT_TRUE(run.CellNames().empty());
    EXPECT_FALSE(run.ReadEmergence().has_value());
  }
}

TEST_F(RunFolderTest, GoesOnWithTheSameIdentityAndSweepsTemporaryFiles) {
  {
    const RunFolder first = RunFolder::Begin({Path()}, Manifest());
    WriteFile(first.CellPath("a"), "content");
    WriteFile(Path() / "cells" / "b.npz.tmp-123", "half");
    RunFolder::Begin({Path()}, Manifest());
    EXPECT_TRUE(fs::exists(Path() / "cells" / "b.npz.tmp-123")) << "of a program still at work";
  }
  Json later = Manifest();
  later["command"] = "another command line";
  const RunFolder run = RunFolder::Begin({Path()}, later);
  EXPECT_EQ(run.CellNames(), std::vector<std::string>{"a"});
  EXPECT_TRUE(run.HasCell("a"));
  EXPECT_FALSE(run.HasCell("b"));
  EXPECT_FALSE(fs::exists(Path() / "cells" / "b.npz.tmp-123"));
  EXPECT_EQ(run.Manifest()["command"], "denoscope analyze") << "keeps the run.json that began it";
}

TEST_F(RunFolderTest, ACellIsClaimedByOneAtATimeUntilItIsThere) {
  const RunFolder first = RunFolder::Begin({Path()}, Manifest());
  const RunFolder second = RunFolder::Join(Path());
  {
    const Claims::Claim claim = first.ClaimCell("a");
    EXPECT_TRUE(claim);
    EXPECT_FALSE(second.ClaimCell("a"));
    EXPECT_TRUE(second.ClaimCell("b"));
  }
  EXPECT_TRUE(second.ClaimCell("a")) << "given up without a cell: free again";
  WriteFile(first.CellPath("a"), "content");
  EXPECT_FALSE(second.ClaimCell("a")) << "done";
  EXPECT_EQ(second.CellNames(), std::vector<std::string>{"a"});
}

TEST_F(RunFolderTest, OneThatDiedBeforeItsManifestIsBegunAgain) {
  fs::create_directories(Path() / "cells");
  WriteFile(Path() / ".claims", "");
  EXPECT_EQ(RunFolder::Begin({Path()}, Manifest()).Manifest()["status"], "unfinished");
}

TEST_F(RunFolderTest, NamesTheFirstFieldThatDiffers) {
  RunFolder::Begin({Path()}, Manifest());
  ExpectBeginError(Manifest(0.2), {Path().string(), "options.sigmas", "[0.1,", "[0.2,", "--force"});
  Json other = Manifest();
  other["identity"]["seed"] = 8;
  ExpectBeginError(other, {"seed = 7, now 8"});
  other = Manifest();
  other["identity"]["model"].erase("sha256");
  ExpectBeginError(other, {"model.sha256 = \"abc\", now nothing"});
  other = Manifest();
  other["identity"]["options"]["modes"] = 3;
  ExpectBeginError(other, {"options.modes = nothing, now 3"});
}

TEST_F(RunFolderTest, SaysThatAnotherVersionMadeItAndWhetherItIsComplete) {
  const auto refusal = [&](const Json& manifest) {
    try {
      RunFolder::Begin({Path()}, manifest);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  const auto expect_begins = [&](const Json& manifest, const std::string& words) {
    EXPECT_EQ(refusal(manifest).rfind("run '" + Path().string() + "': " + words, 0), 0u);
  };
  Json later = Manifest(), fewer = Manifest(), other = Manifest(0.2);
  later["identity"]["options"]["engine"] = "auto";
  fewer["identity"]["options"].erase("draws");
  RunFolder run = RunFolder::Begin({Path()}, Manifest());
  ExpectBeginError(later, {"engine = nothing, now \"auto\", by another version of denoscope;"});
  ExpectBeginError(fewer, {"draws = 1, now nothing, by another version of denoscope;"});
  EXPECT_EQ(refusal(other).find("version"), std::string::npos);
  expect_begins(later, "was made with");
  run.Complete();
  expect_begins(later, "is complete and was made with options.engine");
  expect_begins(other, "is complete and was made with options.sigmas");
}

TEST_F(RunFolderTest, RefusesACompleteRunUnlessForced) {
  RunFolder run = RunFolder::Begin({Path()}, Manifest());
  WriteFile(run.CellPath("a"), "content");
  WriteFile(Path() / "summary.csv", "image");
  WriteFile(Path() / "notes.txt", "mine");
  ExpectError(
      [&] {
        RunFolder::Begin({Path(), true}, Manifest());
      },
      {Path().string(), "another program is at work", "--force"});
  run.Complete();
  ExpectBeginError(Manifest(), {Path().string(), "complete", "--force"});
  const RunFolder again = RunFolder::Begin({Path(), true}, Manifest(0.5));
  EXPECT_TRUE(again.CellNames().empty());
  EXPECT_EQ(again.Manifest()["status"], "unfinished");
  EXPECT_FALSE(fs::exists(Path() / "summary.csv"));
  EXPECT_EQ(ReadFile(Path() / "notes.txt"), "mine") << "deleted what no run wrote";
}

TEST_F(RunFolderTest, LeavesAFolderThatIsNoRunAlone) {
  fs::create_directory(Path());
  WriteFile(Path() / "photo.txt", "mine");
  WriteFile(Path("file"), "mine");
  for (const bool force : {false, true}) {
    ExpectError(
        [&] {
          RunFolder::Begin({Path(), force}, Manifest());
        },
        {Path().string(), "not a run", "--out"});
    ExpectError([&] { RunFolder::Begin({Path("file"), force}, Manifest()); }, {"not a run"});
  }
  EXPECT_EQ(ReadFile(Path() / "photo.txt"), "mine");
  EXPECT_EQ(ReadFile(Path("file")), "mine");
  EXPECT_EQ(std::distance(fs::directory_iterator(Path()), fs::directory_iterator()), 1);
}

TEST_F(RunFolderTest, OpenRefusesWhatIsNoRun) {
  ExpectError([&] { RunFolder::Open(Path()); }, {Path().string(), "no run.json"});
  RunFolder::Begin({Path()}, Manifest());
  const Json whole = ReadJson(Path() / "run.json");
  for (const std::string field : {"version", "kind", "identity", "status"}) {
    Json json = whole;
    json.erase(field);
    WriteJson(Path() / "run.json", json);
    ExpectError([&] { RunFolder::Open(Path()); }, {"run.json", "'" + field + "'"});
  }
  Json json = whole;
  json["version"] = 2;
  WriteJson(Path() / "run.json", json);
  ExpectError([&] { RunFolder::Open(Path()); }, {"format version 2, expected 1"});
  WriteFile(Path() / "run.json", "{\"version\": 1,");
  ExpectError([&] { RunFolder::Open(Path()); }, {"run.json"});
}

TEST_F(RunFolderTest, SortsCellsAndKeepsEvaluationsApart) {
  const RunFolder run = RunFolder::Begin({Path()}, Manifest());
  Cell cell;
  cell.clean = cell.noisy = cell.denoised = Array::From<float>({1, 1, 1}, std::vector<float>{0});
  cell.deep.eigenvalues = Eigen::VectorXd::Ones(1);
  cell.deep.eigenvectors = Eigen::MatrixXf::Ones(1, 1);
  for (const auto& [image, index] : {std::pair{10, 0}, {2, 1}, {2, 0}}) {
    cell.image = image;
    cell.sigma_index = index;
    cell.sigma = index == 0 ? 9.0 : 10.0;  // as text, 10 sorts before 9
    WriteNpz(run.CellPath(CellName({image, index, 0, cell.sigma})), ToNpz(cell));
  }
  Evaluation e;
  for (const std::int64_t index : {1, 0}) {
    e.sigma_index = index;
    e.sigma = index == 0 ? 9.0 : 10.0;
    WriteNpz(run.CellPath(EvaluationName(e.sigma)), ToNpz(e));
  }
  const std::vector<Cell> cells = run.ReadCells();
  ASSERT_EQ(cells.size(), 3u);
  EXPECT_EQ(cells[0].image, 2);
  EXPECT_EQ(cells[0].sigma, 9);
  EXPECT_EQ(cells[1].sigma, 10);
  EXPECT_EQ(cells[2].image, 10);
  const std::vector<Evaluation> evaluations = run.ReadEvaluations();
  ASSERT_EQ(evaluations.size(), 2u);
  EXPECT_EQ(evaluations[0].sigma, 9);
}

class Merge : public RunFolderTest {
 protected:
  void MakeShard(const std::string& name, const std::string& unit, const std::string& content) {
    Json manifest = Manifest();
    manifest["shard"] = name;
    RunFolder run = RunFolder::Begin({Path(name)}, manifest);
    WriteFile(run.CellPath(unit), content);
    WriteFile(Path(name) / "reference.npz", "reference");
    run.SetManifest("status", "shard complete");
  }
};

TEST_F(Merge, PutsUnitsTogether) {
  MakeShard("a", "one", "1");
  MakeShard("b", "two", "2");
  const RunFolder run = MergeRuns({Path("a"), Path("b")}, {Path("whole")});
  EXPECT_EQ(run.CellNames(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(ReadFile(run.CellPath("two")), "2");
  EXPECT_EQ(ReadFile(Path("whole") / "reference.npz"), "reference");
  EXPECT_FALSE(run.Manifest().contains("shard"));
  EXPECT_EQ(run.Manifest()["status"], "unfinished");
}

TEST_F(Merge, RefusesRunsThatDoNotBelongTogether) {
  ExpectError([&] { MergeRuns({}, {Path("whole")}); }, {"no runs"});
  MakeShard("a", "one", "1");
  MakeShard("b", "one", "2");
  ExpectError(
      [&] {
        MergeRuns({Path("a"), Path("b")}, {Path("whole")});
      },
      {"unit 'one'", Path("b").string()});
  RunFolder::Begin({Path("other")}, Manifest(0.7));
  ExpectError(
      [&] {
        MergeRuns({Path("a"), Path("other")}, {Path("whole2")});
      },
      {Path("other").string(), "options.sigmas"});
  EXPECT_FALSE(fs::exists(Path("whole2")));
}

// Neither --force nor another folder helps there.
TEST_F(Merge, OfUnlikeRunsNamesBothAndNoForce) {
  MakeShard("a", "one", "1");
  RunFolder::Begin({Path("other")}, Manifest(0.7));
  try {
    MergeRuns({Path("a"), Path("other")}, {Path("whole")});
    FAIL() << "unlike runs were merged";
  } catch (const Error& e) {
    const std::string text = e.what();
    for (const std::string& piece : {"run '" + Path("other").string() + "': was made with",
                                     "[0.7,0.3333333333333333], run '" + Path("a").string(),
                                     std::string("shards of one run")})
      EXPECT_NE(text.find(piece), std::string::npos) << text;
    EXPECT_EQ(text.find("--force"), std::string::npos) << text;
  }
}

// With --force the output is begun anew: it once deleted the shard it was about to read.
TEST_F(Merge, RefusesAnOutputThatIsOneOfTheRuns) {
  MakeShard("a", "one", "1");
  MakeShard("b", "two", "2");
  for (const bool force : {false, true})
    ExpectError(
        [&] {
          MergeRuns({Path("a"), Path("b")}, {Path("a") / "../a", force});
        },
        {"merge", Path("a").string()});
  EXPECT_EQ(ReadFile(Path("a") / "cells" / "one.npz"), "1");
}

}  // namespace
}  // namespace denoscope
