// Figures and findings of runs as they come from the analysis, with the Wiener denoiser in place of
// a network: what they must show is known.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/run_kinds.h"
#include "denoscope/studies/sample/sample_study.h"
#include "denoscope/studies/sweep/sweep.h"
#include "tests/support/python.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_images.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class RunReport : public testing::Test {
 protected:
  void SetUp() override {
    if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  }
  RunReport() { nulls_.push_back({"identity", MakeScaledDenoiser("identity", 1)}); }

  AnalysisInput Input() const {
    return {*wiener_, images_, pca_, "hash", "", nulls_, {{"name", "wiener"}}, {}};
  }
  RunFolder Sweep() const {
    SweepOptions options;
    options.images = {0, 3};
    options.sigmas = {0.05, 0.1, 0.2, 0.4, 0.8};
    options.draws = 2;
    options.modes = 6;
    options.spectrum.vectors = 5;
    options.evaluation.images = 60;
    return RunSweep(Input(), options, {folder_.Path("run")});
  }
  RunFolder Sample(SampleOptions options) const {
    options.samples = 20;
    options.schedule = {Schedule::kKarras, 20, 3, 0.02};
    options.modes = 6;
    options.replicates = 20;
    return RunSampleStudy(Input(), options, {folder_.Path("run")});
  }
  fs::path Figures() const { return folder_.Path("run") / "figures"; }

  const ImageSet images_ = TinyImages("test", 60, {1, 8, 8}, 2);
  std::shared_ptr<const Pca> pca_ =
      std::make_shared<const Pca>(PcaOf(TinyImages("train", 300, {1, 8, 8}, 1)));
  const std::unique_ptr<Denoiser> wiener_ = MakeWienerDenoiser(pca_, {1, 8, 8});
  std::vector<NullDenoiser> nulls_;
  TempDir folder_;
};

std::set<std::string> Names(const std::vector<Figure>& figures) {
  std::set<std::string> names;
  for (const Figure& figure : figures) names.insert(figure.path.stem().string());
  return names;
}

TEST_F(RunReport, ASweepHasEveryFigure) {
  const RunFolder run = Sweep();
  EXPECT_EQ(Names(MakeFigures(run)),
            (std::set<std::string>{"denoised",
                                   "mse",
                                   "emergence",
                                   "gain",
                                   "references",
                                   "ledger",
                                   "alignment",
                                   "tracks",
                                   "tracked",
                                   "jacobian_levels",
                                   "time_update",
                                   "eigenvalues",
                                   "eigenvectors",
                                   "band_gain"}));
  for (const char* table : {"ledger.csv", "alignment.csv", "tracks.csv", "levels.csv"})
    EXPECT_EQ(ReadFile(Figures() / table), ReadFile(run.Path() / table)) << table;
}

// Curves are where the record says: Wiener's gain lambda/(lambda + sigma^2), the identity's 1.
TEST_F(RunReport, ReferencesShowWhatWasMeasured) {
  const RunFolder run = Sweep();
  MakeFigures(run);
  const Table curves = ReadCsv(Figures() / "references.csv");
  ASSERT_EQ(curves.rows.size(), 5u);
  const Emergence e = *run.ReadEmergence();
  for (std::size_t s = 0; s < 5; ++s) {
    const double sigma = NumberAt(curves, s, "sigma"), lambda = e.lambda[5];
    EXPECT_NEAR(NumberAt(curves, s, "linear_gain_5"), lambda / (lambda + sigma * sigma), 1e-5);
    EXPECT_NEAR(NumberAt(curves, s, "identity_gain_5"), 1, 1e-5);
    EXPECT_EQ(NumberAt(curves, s, "deep_resolved_0"), e.resolved(static_cast<Eigen::Index>(s), 0));
  }
  const std::string text = Findings(run);
  EXPECT_NE(text.find("identity: by resolved variance"), std::string::npos) << text;
}

TEST_F(RunReport, AModeThatStaysItselfHasOneTrack) {
  MakeFigures(Sweep());
  const Table tracks = ReadCsv(Figures() / "tracks.csv");
  for (std::size_t i = 0; i < tracks.rows.size(); ++i) {
    EXPECT_EQ(NumberAt(tracks, i, "k"), NumberAt(tracks, i, "mode"));
    EXPECT_NEAR(NumberAt(tracks, i, "overlap"), 1, 1e-3);
  }
}

TEST_F(RunReport, ASamplingRunHasItsFiguresAndThoseOfItsCells) {
  SampleOptions options;
  options.jacobians = 4;
  options.jacobian_samples = 2;
  options.spectrum.vectors = 5;
  const RunFolder run = Sample(options);
  const std::set<std::string> names = Names(MakeFigures(run));
  for (const char* name : {"samples",
                           "paths",
                           "path_emergence",
                           "steps",
                           "eigenvectors",
                           "alignment",
                           "tracks",
                           "gain"})
    EXPECT_EQ(names.count(name), 1u) << name;
  EXPECT_EQ(names.count("fixed_points"), 0u);
  EXPECT_EQ(ReadFile(Figures() / "emergence_steps.csv"),
            ReadFile(run.Path() / "emergence_steps.csv"));
  EXPECT_EQ(ReadFile(Figures() / "steps.csv"), ReadFile(run.Path() / "steps.csv"));
  const std::string text = Findings(run);
  for (const char* piece : {"wiener on tiny: 20 paths by euler, sigma 3 to 0.02, 20 levels",
                            "k = 0: energy",
                            "denoiser, energy of modes: 6 levels, 0 censored",
                            "denoiser, onto u_0: no collapse"})
    EXPECT_NE(text.find(piece), std::string::npos) << piece << " is not in:\n" << text;
}

TEST_F(RunReport, RepeatedDenoisingShowsItsFixedPoints) {
  SampleOptions options;
  options.sampler = Sampler::kRepeated;
  options.fixed_sigma = 0.5;
  const RunFolder run = Sample(options);
  const std::set<std::string> names = Names(MakeFigures(run));
  EXPECT_EQ(names.count("fixed_points"), 1u);
  EXPECT_EQ(names.count("path_emergence"), 0u);  // there is one noise level
  const std::string text = Findings(run);
  EXPECT_NE(text.find("repeated 20 times at sigma 0.5"), std::string::npos) << text;
  EXPECT_NE(text.find("leading eigenvalue of sym(J)"), std::string::npos) << text;
}

}  // namespace
}  // namespace denoscope
