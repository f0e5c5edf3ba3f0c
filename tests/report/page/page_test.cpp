// The page of a run: what it holds is what the run's files say, whatever state the run is in.
#include "denoscope/report/page/page.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "denoscope/files/atomic_file.h"
#include "denoscope/report/page/page_grid.h"
#include "tests/support/expect_error.h"
#include "tests/support/synthetic_run.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class Page : public testing::Test {
 protected:
  fs::path Run() const { return folder_.Path("run"); }
  Json Data(std::vector<std::string> notes = {}) const {
    return PageData({Run(), {}, "one finding\n", std::move(notes)});
  }
  std::string Html() const { return ReadFile(WritePage({Run(), {}, "one finding\n", {}})); }
  // As of an analysis that was asked for one image more than it has.
  void AskForOneMore(RunFolder& run, const SyntheticRun& options) const {
    Json images = Json::array();
    for (int image = 0; image <= options.images; ++image) images.push_back(image);
    Json identity = run.Manifest()["identity"];
    identity["options"] = {{"images", images}, {"sigmas", options.sigmas}, {"draws", 1}};
    run.SetManifest("identity", identity);
  }

  TempDir folder_;
};

std::size_t Count(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1))
    ++count;
  return count;
}

bool Told(const Json& notes, const std::string& piece) {
  for (const Json& note : notes)
    if (note.get<std::string>().find(piece) != std::string::npos) return true;
  return false;
}

TEST_F(Page, HoldsTheNumbersOfItsCells) {
  const SyntheticRun options;
  const RunFolder run = MakeSyntheticRun(Run(), options);
  const Json cells = Data()["cells"];
  ASSERT_EQ(cells["series"].size(), 2u);
  EXPECT_EQ(cells["sigmas"].get<std::vector<double>>(), options.sigmas);
  for (const Cell& cell : run.ReadCells()) {
    const Json& level = cells["series"][static_cast<std::size_t>(cell.image)]["levels"]
                             [static_cast<std::size_t>(cell.sigma_index)];
    EXPECT_NEAR(level["mu"][0].get<double>(), cell.deep.eigenvalues[0], 1e-4);
    EXPECT_NEAR(level["spectrum"].back().get<double>(),
                cell.deep.eigenvalues[cell.deep.eigenvalues.size() - 1],
                1e-4);
    const double largest = std::max(cell.deep.diagonal.maxCoeff(), cell.linear.diagonal.maxCoeff());
    EXPECT_NEAR(
        level["largest_deviation"].get<double>() / (cell.sigma * std::sqrt(largest)), 1, 1e-4);
    EXPECT_EQ(level["bands"].size(), static_cast<std::size_t>(cell.deep.band_gain.size()));
    // There is no summary.csv in this run.
    EXPECT_NEAR(level["scalars"]["trace"].get<double>() / cell.deep.trace, 1, 1e-4);
    EXPECT_TRUE(level["scalars"]["local_noise"].is_null());
  }
  EXPECT_EQ(cells["linear"].size(), options.sigmas.size());
}

TEST_F(Page, TablesAreTheTextsOfTheFiles) {
  MakeSyntheticRun(Run(), {});
  const Json tables = Data()["tables"];
  ASSERT_EQ(tables[0]["name"], "emergence.csv");
  const Table table = ReadCsv(Run() / "emergence.csv");
  EXPECT_EQ(tables[0]["columns"].get<std::vector<std::string>>(), table.columns);
  EXPECT_EQ(tables[0]["rows"].get<std::vector<std::vector<std::string>>>(), table.rows);
}

TEST_F(Page, AsksForNothing) {
  MakeSyntheticRun(Run(), {});
  const std::string html = Html();
  EXPECT_EQ(Count(html, "default-src 'none'"), 1u);
  for (const char* slot : {"{{title}}", "{{data}}", "{{script}}", "{{figures}}"})
    EXPECT_EQ(Count(html, slot), 0u) << slot;
  for (const char* piece : {"src=\"http", "href=\"http", "url(http", "@import", "fetch("})
    EXPECT_EQ(Count(html, piece), 0u) << piece;
  EXPECT_EQ(Count(html, "one finding"), 2u);  // as text, and in the data
}

TEST_F(Page, TilesArePictures) {
  const SyntheticRun options;
  MakeSyntheticRun(Run(), options);
  const Json strip = Data()["cells"]["series"][0]["strip"];
  const std::string prefix = "data:image/png;base64,";
  ASSERT_EQ(strip["src"].get<std::string>().substr(0, prefix.size()), prefix);
  EXPECT_EQ(strip["width"], options.shape.W);
  EXPECT_EQ(strip["height"], options.shape.H);
  EXPECT_EQ(strip["columns"], options.sigmas.size());
}

TEST_F(Page, LargePicturesAreMadeSmaller) {
  SyntheticRun options;
  options.shape = {1, 80, 20};
  options.images = 1;
  options.sigmas = {0.5};
  options.evaluation = options.training_set = false;
  MakeSyntheticRun(Run(), options);
  const Json clean = Data()["cells"]["series"][0]["clean"];
  EXPECT_EQ(clean["height"], 64);
  EXPECT_EQ(clean["width"], 16);
}

TEST_F(Page, HostileTextsStayTexts) {
  RunFolder run = MakeSyntheticRun(Run(), {});
  const std::string hostile = "</script><script>x()</script><!-- \" ' {{data}} \xff";
  run.SetManifest("command", "</SCRIPT><!--");
  std::string html = ReadFile(WritePage({Run(), {}, hostile + "\n", {hostile}}));
  EXPECT_EQ(Count(html, "<script>x()"), 0u);
  EXPECT_EQ(Count(html, "<script"), 3u);
  EXPECT_EQ(Count(html, "</script>"), 3u);
  EXPECT_EQ(Count(html, "</SCRIPT>"), 0u);
  EXPECT_EQ(Count(html, "&lt;/script&gt;&lt;script&gt;x()"), 2u);  // a note, a finding
}

TEST_F(Page, CellsThatAreMissingAreMarked) {
  const SyntheticRun options;
  RunFolder run = MakeSyntheticRun(Run(), options);
  AskForOneMore(run, options);
  const Json data = Data();
  EXPECT_TRUE(Told(data["notes"], "6 of 9 cells computed"));
  ASSERT_EQ(data["cells"]["series"].size(), 3u);
  EXPECT_FALSE(data["cells"]["series"][1]["levels"][2].is_null());
  EXPECT_TRUE(data["cells"]["series"][2]["levels"][2].is_null());
}

TEST_F(Page, BrokenCellsAreToldAndLeftOut) {
  const RunFolder run = MakeSyntheticRun(Run(), {});
  WriteFile(run.CellPath("img-00000_sig-0.100000_draw-00"), "PK no more");
  WriteFile(run.CellPath("img-x_sig-nan_draw-00"), "");
  const Json data = Data();
  EXPECT_TRUE(Told(data["notes"], "img-00000_sig-0.100000_draw-00"));
  EXPECT_TRUE(data["cells"]["series"][0]["levels"][0].is_null());
  EXPECT_FALSE(data["cells"]["series"][0]["levels"][1].is_null());
}

TEST_F(Page, OfARunWithoutAKindTablesAndFactsAreLeft) {
  MakeSyntheticRun(Run(), {});
  Json manifest = ReadJson(Run() / "run.json");
  manifest.erase("kind");
  WriteJson(Run() / "run.json", manifest);
  ExpectError([&] { RunFolder::Open(Run()); }, {"run.json", "'kind'"});
  const Json data = Data();
  EXPECT_EQ(data["kind"], "");
  EXPECT_FALSE(data["facts"].empty());
  EXPECT_FALSE(data["tables"].empty());
  WritePageOfParts(Run(), "no kind");
}

TEST_F(Page, WithoutAnythingButAManifest) {
  fs::create_directories(Run());
  WriteFile(Run() / "run.json", "{\"kind\": \"analyze\", \"version\": 99, \"status\": 7}");
  const Json data = Data();
  EXPECT_TRUE(data["cells"].is_null());
  EXPECT_TRUE(Told(data["notes"], "format version 99, expected 1"));
  EXPECT_EQ(data["title"], "run");
  WriteFile(Run() / "run.json", "[]");
  EXPECT_TRUE(Told(Data()["notes"], "no object"));
  WriteFile(Run() / "run.json", "{");
  WriteFile(Run() / "summary.csv", "a,b\n1\n");
  EXPECT_TRUE(Told(Data()["notes"], "expected 2 fields"));
  const std::string html = ReadFile(WritePageOfParts(Run(), "because"));
  EXPECT_EQ(Count(html, "<li>because</li>"), 1u);
}

TEST_F(Page, NotesComeFirstAndAreNotEndless) {
  const RunFolder run = MakeSyntheticRun(Run(), {});
  const Json notes = Data(std::vector<std::string>(100, "a note"))["notes"];
  ASSERT_EQ(notes.size(), 31u);
  EXPECT_EQ(notes[0], "a note");
  EXPECT_EQ(notes[30], "and 70 more like these");
}

TEST_F(Page, TenThousandCellsAreThinnedAndSaidToBe) {
  SyntheticRun options;
  options.shape = {1, 4, 4};
  options.modes = options.vectors = 4;
  options.images = 1;
  options.sigmas = {1};
  options.evaluation = false;
  const RunFolder run = MakeSyntheticRun(Run(), options);
  const fs::path cell = run.CellPath(CellName({0, 0, 0, 1}));
  Table summary = {{"image", "sigma", "draw", "mse"}, {}};
  for (int image = 0; image < 250; ++image)
    for (int s = 0; s < 40; ++s) {
      const fs::path copy = run.CellPath(CellName({image, s, 0, 1.0 + s}));
      if (copy != cell) fs::create_hard_link(cell, copy);
      AddRow(summary, {1.0 * image, 1.0 + s, 0, 0.123456789012345678 / (1 + s)});
    }
  WriteCsv(Run() / "summary.csv", summary);
  const Json data = Data();
  EXPECT_LE(data["cells"]["series"].size(), 24u);
  EXPECT_EQ(data["cells"]["sigmas"].size(), 24u);
  EXPECT_EQ(data["cells"]["sigmas"].back(), 40);
  EXPECT_EQ(data["cells"]["series"].back()["image"], 249);
  EXPECT_TRUE(Told(data["notes"], "24 of 250 images at 24 of 40 noise levels"));
  const Json& table = data["tables"][0];
  EXPECT_EQ(table["total"], 10000);
  EXPECT_LT(table["rows"].size(), 9000u);
  EXPECT_EQ(table["rows"].back(), Json(summary.rows.back()));
  EXPECT_LT(Html().size(), 5'000'000u);
}

TEST_F(Page, SeriesWithLevelsOfTheirOwnHaveStopsInOrder) {
  fs::create_directories(Run() / "cells");
  const auto touch = [&](std::int64_t image, double sigma) {
    WriteFile(Run() / "cells" / (CellName({image, 0, 0, sigma}) + ".npz"), "");
  };
  for (int image = 0; image < 3; ++image)
    for (const double sigma : {4.0, 0.5, 2.0}) touch(image, sigma + 0.01 * image);
  const CellGrid own = FindCells(Run(), Json::object());
  EXPECT_EQ(own.sigmas, (std::vector<double>{0.5, 2, 4}));
  ASSERT_EQ(own.series.size(), 3u);
  EXPECT_EQ(own.series[2].cells.at(1).stem(), "img-00002_sig-2.020000_draw-00");
  for (int image = 0; image < 3; ++image)
    for (const double sigma : {4.0, 0.5, 2.0}) touch(image, sigma);
  const CellGrid shared = FindCells(Run(), Json::object());
  EXPECT_EQ(shared.sigmas, (std::vector<double>{0.5, 0.51, 0.52, 2, 2.01, 2.02, 4, 4.01, 4.02}));
  EXPECT_EQ(shared.series[2].cells.count(1), 0u);
  EXPECT_EQ(shared.series[2].cells.at(2).stem(), "img-00002_sig-0.520000_draw-00");
}

TEST_F(Page, FiguresAreWithinIt) {
  MakeSyntheticRun(Run(), {});
  fs::create_directories(Run() / "figures");
  const fs::path figure = Run() / "figures" / "a'b.png";
  std::vector<unsigned char> bytes;
  cv::imencode(".png", cv::Mat(20, 30, CV_8UC3, cv::Scalar(1, 2, 3)), bytes);
  WriteFile(figure, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const std::string html =
      ReadFile(WritePage({Run(), {{figure, "a < b"}, {Run() / "none.png", "not there"}}, "", {}}));
  EXPECT_EQ(Count(html, "<figure data-name=\"a&#39;b\"><img src=\"data:image/"), 1u);
  EXPECT_EQ(Count(html, "width=\"30\" height=\"20\""), 1u);
  EXPECT_EQ(Count(html, "<figcaption>a &lt; b</figcaption>"), 1u);
  EXPECT_EQ(Count(html, "figure left out"), 2u);  // as text, and in the data
}

// The SVG beside a picture is shown in its place where it is the smaller of the two.
TEST_F(Page, TheSmallerOfPictureAndSvgIsWithinIt) {
  MakeSyntheticRun(Run(), {});
  fs::create_directories(Run() / "figures");
  const fs::path figure = Run() / "figures" / "a.png", svg = Run() / "figures" / "a.svg";
  cv::Mat noise(40, 60, CV_8UC3);
  cv::randu(noise, 0, 255);
  std::vector<unsigned char> bytes;
  cv::imencode(".png", noise, bytes);
  WriteFile(figure, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const auto shown = [&] { return ReadFile(WritePage({Run(), {{figure, "a"}}, "", {}})); };
  EXPECT_EQ(Count(shown(), "data:image/svg+xml;base64,"), 0u);
  WriteFile(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
  EXPECT_EQ(Count(shown(), "src=\"data:image/svg+xml;base64,"), 1u);
  EXPECT_EQ(Count(shown(), "width=\"60\" height=\"40\""), 1u);
  WriteFile(svg, "<svg>" + std::string(20000, ' ') + "</svg>");
  EXPECT_EQ(Count(shown(), "data:image/svg+xml;base64,"), 0u);
}

// Of a run half done: figures, but not the pictures of tiles that sheets are made of.
TEST_F(Page, APageOfPartsLeavesTilesOut) {
  MakeSyntheticRun(Run(), {});
  fs::create_directories(Run() / "figures");
  std::vector<unsigned char> bytes;
  cv::imencode(".png", cv::Mat(20, 30, CV_8UC3, cv::Scalar(1, 2, 3)), bytes);
  for (const char* name : {"denoised.png", "denoised-tiles.png"})
    WriteFile(Run() / "figures" / name,
              {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const std::string html = ReadFile(WritePageOfParts(Run(), "why"));
  EXPECT_EQ(Count(html, "<figure data-name=\"denoised\">"), 1u);
  EXPECT_EQ(Count(html, "denoised-tiles"), 0u);
}

}  // namespace
}  // namespace denoscope
