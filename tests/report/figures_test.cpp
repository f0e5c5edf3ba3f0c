#include <gtest/gtest.h>
#include <stdlib.h>

#include <opencv2/core.hpp>
#include <set>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/run_kinds.h"
#include "tests/support/expect_error.h"
#include "tests/support/python.h"
#include "tests/support/svg.h"
#include "tests/support/synthetic_run.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class Figures : public testing::Test {
 protected:
  void SetUp() override {
    if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  }

  std::vector<Figure> Make(const SyntheticRun& options, double millimetres = 0) {
    return MakeFigures(MakeSyntheticRun(folder.Path("run"), options), millimetres);
  }
  fs::path Path(const std::string& name) const { return folder.Path("run") / "figures" / name; }

  TempDir folder;
};

std::set<std::string> Names(const std::vector<Figure>& figures) {
  std::set<std::string> names;
  for (const Figure& figure : figures) names.insert(figure.path.stem().string());
  return names;
}

void ExpectAPicture(const fs::path& path, int width, int height) {
  const cv::Mat picture = ReadPicture(path);
  EXPECT_GE(picture.cols, width) << path;
  EXPECT_GE(picture.rows, height) << path;
  cv::Scalar mean, deviation;
  cv::meanStdDev(picture, mean, deviation);
  EXPECT_GT(deviation[0], 5) << path << " is blank";
}

std::vector<double> Column(const Table& table, const std::string& name) {
  std::vector<double> values;
  for (const auto& row : table.rows) values.push_back(std::stod(row[table.Column(name)]));
  return values;
}

TEST_F(Figures, AWholeRunHasAllSeven) {
  const RunFolder run = MakeSyntheticRun(folder.Path("run"), {});
  fs::create_directories(Path(""));
  WriteFile(Path("gain.tmp-123.png"), "of a program that was killed");
  const std::vector<Figure> figures = MakeFigures(run, 0);
  EXPECT_EQ(
      Names(figures),
      (std::set<std::string>{
          "eigenvalues", "eigenvectors", "band_gain", "emergence", "denoised", "mse", "gain"}));
  for (const Figure& figure : figures) {
    ExpectAPicture(figure.path, 350, 350);
    EXPECT_NO_THROW(Svg(Path(figure.path.stem().string() + ".svg"))) << figure.path;
    EXPECT_GT(figure.caption.size(), 40u);
    EXPECT_EQ(figure.path.parent_path(), folder.Path("run") / "figures");
  }
  for (const auto& entry : fs::directory_iterator(Path("")))
    EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
}

TEST_F(Figures, ColourImagesHaveLumaAndChroma) {
  SyntheticRun options;
  options.shape = {3, 8, 8};
  options.modes = 12;
  EXPECT_EQ(Make(options).size(), 7u);
  for (const char* name : {"band_gain.png", "eigenvectors.png", "denoised.png"})
    ExpectAPicture(Path(name), 350, 350);
  const Table table = ReadCsv(Path("band_gain.csv"));
  for (const char* column : {"deep_luma", "linear_luma", "deep_chroma", "linear_chroma"})
    EXPECT_EQ(Column(table, column).size(), 3u * 17u) << column;
}

TEST_F(Figures, MissingPartsLeaveFiguresOut) {
  SyntheticRun options;
  options.training_set = false;
  options.evaluation = false;
  const std::vector<Figure> figures = Make(options);
  EXPECT_EQ(Names(figures),
            (std::set<std::string>{"eigenvalues", "eigenvectors", "band_gain", "denoised"}));
  for (const Figure& figure : figures) {
    ExpectAPicture(figure.path, 350, 200);
    EXPECT_EQ(figure.caption.find("Wiener"), std::string::npos) << figure.caption;
  }
}

TEST_F(Figures, WithoutEvaluationEmergenceShowsRelativeGain) {
  SyntheticRun options;
  options.evaluation = false;
  const std::set<std::string> names = Names(Make(options));
  EXPECT_EQ(names.count("mse"), 0u);
  EXPECT_EQ(names.count("emergence"), 1u);
  EXPECT_NE(ReadFile(Path("emergence.gp")).find("relative to smallest σ"), std::string::npos);
  EXPECT_EQ(Column(ReadCsv(Path("emergence_curves.csv")), "deep_5")[0], 1);
}

TEST_F(Figures, OneCellIsEnough) {
  SyntheticRun options;
  options.images = 1;
  options.sigmas = {0.3};
  EXPECT_EQ(Names(Make(options)),
            (std::set<std::string>{"eigenvalues", "eigenvectors", "band_gain", "denoised", "mse"}));
}

TEST_F(Figures, BandDataAreTheMeansOverCells) {
  SyntheticRun options;
  options.roughness = 0.5;
  Make(options);
  const std::vector<Cell> cells = RunFolder::Open(folder.Path("run")).ReadCells();
  const std::vector<double> deep = Column(ReadCsv(Path("band_gain.csv")), "deep");
  ASSERT_EQ(deep.size(), 3u * 17u);
  for (std::size_t s = 0; s < 3; ++s)
    for (Eigen::Index band = 0; band < 17; ++band) {
      double sum = 0;
      for (const Cell& cell : cells)
        if (cell.sigma_index == static_cast<std::int64_t>(s)) sum += cell.deep.band_gain[band];
      const double found = deep[s * 17 + static_cast<std::size_t>(band)];
      if (std::isnan(sum))  // no DCT vector lies in this band
        EXPECT_TRUE(std::isnan(found));
      else
        EXPECT_NEAR(found, sum / 2, 1e-12);
    }
}

TEST_F(Figures, CurveDataAreTheShrinkersGains) {
  const SyntheticRun options;
  Make(options);
  const SyntheticModel model(options);
  const Table gain = ReadCsv(Path("gain.csv")), mse = ReadCsv(Path("mse.csv"));
  const Table eigenvalues = ReadCsv(Path("eigenvalues.csv"));
  for (std::size_t s = 0; s < options.sigmas.size(); ++s) {
    const double sigma = options.sigmas[s];
    EXPECT_NEAR(Column(gain, "deep_5")[s], model.Gains(sigma, true)[5], 1e-6);
    EXPECT_NEAR(Column(gain, "linear_10")[s], model.Gains(sigma, false)[10], 1e-6);
    EXPECT_NEAR(Column(mse, "deep")[s], sigma * sigma * model.Gains(sigma, true).mean(), 1e-9);
    EXPECT_NEAR(Column(mse, "noisy")[s], sigma * sigma, 1e-12);
    const auto deep = Column(eigenvalues, fmt::format("deep_{:.6f}", sigma));
    ASSERT_EQ(deep.size(), 96u);
    for (std::size_t k = 0; k < deep.size(); ++k)
      EXPECT_NEAR(deep[k], model.Gains(sigma, true)[static_cast<Eigen::Index>(k)], 1e-6);
  }
}

// lambda_0 = 20 halves at sigma 3.2 (deep) and 4.5: beyond 1.6, so at the upper edge.
TEST_F(Figures, CensoredModesStandAtTheEdge) {
  Make({});
  const Table halves = ReadCsv(Path("emergence_halves.csv"));
  EXPECT_EQ(halves.rows[0][halves.Column("deep")], "nan");
  EXPECT_EQ(halves.rows[0][halves.Column("deep_above")], "1.6");
  EXPECT_EQ(halves.rows[0][halves.Column("linear_above")], "1.6");
  EXPECT_EQ(halves.rows[19][halves.Column("deep_above")], "nan");
  EXPECT_NE(ReadFile(Path("emergence.gp")).find("above all σ: 2 (Wiener 3)"), std::string::npos);
}

TEST_F(Figures, ScriptsMakeThePicturesAgain) {
  for (const Figure& figure : Make({})) {
    const std::string name = figure.path.stem();
    for (const std::string ending : {".png", ".svg"}) {
      const fs::path path = Path(name + ending);
      const std::string first = ReadFile(path);
      fs::remove(path);
      const std::string choice =
          ending == ".svg" ? " -e \"picture = '" + name + ".svg'\"" : std::string();
      const PythonResult result =
          RunCommand("cd '" + Path("").string() + "' && gnuplot -d" + choice + " " + name + ".gp");
      ASSERT_EQ(result.status, 0) << result.output;
      EXPECT_EQ(result.output, "");
      EXPECT_EQ(ReadFile(path), first) << path;
    }
  }
}

// The curve of mode 5 is the sixth of the denoiser's, drawn after those of Wiener.
TEST_F(Figures, CurvesPassWhereTheDataSay) {
  Make({});
  const Svg svg(Path("gain.svg"));
  const Table gain = ReadCsv(Path("gain.csv"));
  const std::size_t modes = (gain.columns.size() - 1) / 2;
  const std::vector<double> sigmas = Column(gain, "sigma");
  const SvgAxis x = svg.Axis(false), y = svg.Axis(true);
  ASSERT_GE(x.tics.size(), 2u);
  ASSERT_GE(y.tics.size(), 4u);
  EXPECT_EQ(svg.PlotCount(), 3 * modes + 2);  // Wiener's, the denoiser's, the key, and an end
  for (std::size_t i = 0; i < modes; ++i) {
    const std::string name = gain.columns[1 + i];
    const std::vector<double> values = Column(gain, name);
    const std::vector<SvgPoint> line = svg.Line(modes + i + 1);
    ASSERT_EQ(line.size(), sigmas.size()) << name;
    for (std::size_t s = 0; s < sigmas.size(); ++s) {
      EXPECT_NEAR(line[s].x, x.Logarithmic(sigmas[s]), 1) << name;
      EXPECT_NEAR(line[s].y, y.Linear(values[s]), 1) << name;
    }
  }
}

// Dots of the picture without letters are those of the picture with them, but for the letters.
void ExpectSharpTiles(const cv::Mat& tiles, const cv::Mat& picture) {
  ASSERT_EQ(tiles.size(), picture.size());
  std::size_t coloured = 0;
  for (int row = 0; row < tiles.rows; ++row)
    for (int column = 0; column < tiles.cols; ++column) {
      const auto dot = tiles.at<cv::Vec3b>(row, column);
      if (std::abs(dot[0] - dot[2]) < 10) continue;  // letters, frames and white are gray
      ++coloured;
      ASSERT_EQ(picture.at<cv::Vec3b>(row, column), dot) << row << ", " << column;
    }
  EXPECT_GT(coloured, 10000u);
}

TEST_F(Figures, SheetsHaveRealLettersAndSharpPixels) {
  for (const double millimetres : {0.0, 85.0}) {
    Make({}, millimetres);
    const Svg svg(Path("eigenvectors.svg"));
    for (const char* piece : {">λ<", "σ = ", "image-rendering:pixelated", "data:image/png;base64,"})
      EXPECT_NE(svg.Text().find(piece), std::string::npos) << piece;
    ExpectSharpTiles(ReadPicture(Path("eigenvectors-tiles.png")),
                     ReadPicture(Path("eigenvectors.png")));
    fs::remove_all(folder.Path("run"));
  }
}

// Letters are 8 pt, whatever the width; the axes' are the largest.
TEST_F(Figures, OnPaperWidthAndLettersAreAsAsked) {
  constexpr double kPoint = 25.4 / 72;
  for (const double millimetres : {60.0, 85.0, 174.0}) {
    for (const Figure& figure : Make({}, millimetres)) {
      const std::string name = figure.path.stem();
      const Svg svg(Path(name + ".svg"));
      EXPECT_EQ(svg.Attribute("width"), fmt::format("{}mm", millimetres)) << name;
      EXPECT_EQ(ReadPicture(figure.path).cols, std::lround(millimetres / 25.4 * 300)) << name;
      const double letters = svg.LargestLetters() * millimetres / svg.Units() / kPoint;
      EXPECT_NEAR(letters, 8, 0.8) << name << " at " << millimetres;
    }
    fs::remove_all(folder.Path("run"));
  }
}

TEST_F(Figures, OnPaperPanelsStandBelowEachOther) {
  Make({});
  const cv::Mat screen = ReadPicture(Path("emergence.png"));
  const std::size_t curves = Svg(Path("emergence.svg")).PlotCount();
  fs::remove_all(folder.Path("run"));
  Make({}, 85);
  const cv::Mat paper = ReadPicture(Path("emergence.png"));
  EXPECT_GT(screen.cols, screen.rows);
  EXPECT_GT(paper.rows, paper.cols);
  EXPECT_EQ(Svg(Path("emergence.svg")).PlotCount(), curves);
}

TEST_F(Figures, AStrangeFolderAndModelNameAreTakenAsTheyAre) {
  const fs::path path = folder.Path("a b'; touch x; `c`");
  RunFolder run = MakeSyntheticRun(path, {});
  run.SetManifest("identity", {{"model", {{"name", "it's {/Bold `x`} a_b^c @d \\n"}}}});
  EXPECT_EQ(MakeFigures(run).size(), 7u);
}

TEST_F(Figures, GnuplotsComplaintIsInTheError) {
  ExpectError(
      [&] {
        Draw({folder.Path()}, {"bad", 400, 300, "plot 'absent.csv'\n", {}});
      },
      {"bad.gp", "gnuplot failed", "absent.csv"});
  for (const char* name : {"bad.png", "bad.svg"}) EXPECT_FALSE(fs::exists(folder.Path(name)));
}

TEST_F(Figures, WithoutGnuplotTheErrorSaysWhatToInstall) {
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", folder.Path().c_str(), 1);
  ExpectError(
      [&] {
        Draw({folder.Path()}, {"x", 400, 300, "plot x\n", {}});
      },
      {"figures: gnuplot is not installed, install gnuplot-nox"});
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace denoscope
