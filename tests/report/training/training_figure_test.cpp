#include "denoscope/report/training/training_figure.h"

#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"
#include "denoscope/report/plots/number_rows.h"
#include "tests/support/expect_error.h"
#include "tests/support/python.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

constexpr const char* kMetrics =
    R"({"step":10,"loss":2.0,"best":true,"validation":[{"sigma":0.1,"mse":3,"wiener_mse":2},{"sigma":1.0,"mse":2,"wiener_mse":4}]}
{"step":20,"loss":1.0,"best":true,"validation":[{"sigma":0.1,"mse":1,"wiener_mse":2},{"sigma":1.0,"mse":1,"wiener_mse":4}]}
{"step":30,"loss":0.5,"best":false,"validation":[{"sigma":0.1,"mse":2,"wiener_mse":2},{"sigma":1.0,"mse":1,"wiener_mse":4}]}
)";

TEST(TrainingFigure, ShowsLossAndRatiosByStep) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  const TempDir folder;
  WriteFile(folder.Path("metrics.jsonl"), kMetrics);
  const Figure figure = TrainingFigure(folder.Path(""));
  EXPECT_EQ(figure.path.filename(), "training.png");
  EXPECT_GT(ReadPicture(figure.path).cols, 400);
  EXPECT_NE(figure.caption.find("step 20 (dashed)"), std::string::npos) << figure.caption;
  const Table table = ReadCsv(folder.Path("figures") / "training.csv");
  const NumberRows rows(table);
  ASSERT_EQ(rows.Count(), 3u);
  EXPECT_EQ(rows.At(0, "ratio_0.1"), 1.5);
  EXPECT_EQ(rows.At(1, "ratio_1"), 0.25);
  EXPECT_EQ(rows.At(2, "loss"), 0.5);
}

TEST(TrainingFigure, BadMetricsAreNamedByLine) {
  const TempDir folder;
  const auto refused = [&](const std::string& text, std::initializer_list<std::string> pieces) {
    WriteFile(folder.Path("metrics.jsonl"), text);
    ExpectError([&] { TrainingFigure(folder.Path("")); }, {"metrics.jsonl"});
    ExpectError([&] { TrainingFigure(folder.Path("")); }, pieces);
  };
  refused("", {"no line"});
  refused(std::string(kMetrics) + "{\n", {"line 4"});
  refused(R"({"step":10})", {"line 1"});
}

}  // namespace
}  // namespace denoscope
