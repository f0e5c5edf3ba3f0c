#include "denoscope/studies/posterior/posterior_study.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/studies/posterior/posterior_tables.h"
#include "denoscope/studies/posterior/posterior_units.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_mixture.h"
#include "tests/support/run_files.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr ImageShape kShape = {1, 6, 6};
constexpr Index kSize = 36;
constexpr double kFloatRounding = 1e-5;  // of the largest variance
constexpr double kSigmas = 4;            // standard errors that a measured share may be off

// Draws from the exact prior as a set of images.
ImageSet ImagesOf(const GaussianMixture& prior, Index n) {
  const torch::Tensor pixels = ToTensor(DrawFrom(prior, n, 5)).t().to(torch::kFloat32);
  return {"drawn", "test", pixels.reshape({n, kShape.C, kShape.H, kShape.W}).contiguous(), "sha"};
}

std::unique_ptr<Denoiser> OptimumOf(const GaussianMixture& prior) {
  if (prior.components.size() > 1) return MakeMixtureDenoiser(prior, kShape);
  return MakeWienerDenoiser(std::make_shared<const Pca>(prior.components[0].pca), kShape);
}

// D = gains * y: J is their diagonal.
class GainsDenoiser final : public Denoiser {
 public:
  explicit GainsDenoiser(torch::Tensor gains) : gains_(std::move(gains)) {
    traits_.name = "gains";
    traits_.trained_sigmas = SigmaRange{0.1, 0.5};
  }
  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType) override {}

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor&) const override {
    return y * gains_;
  }

 private:
  torch::Tensor gains_;
  DenoiserTraits traits_;
};

// Gains 1, and -1 in the last third of the pixels.
GainsDenoiser PartlyNegative() {
  torch::Tensor gains = torch::ones({kShape.C, kShape.H, kShape.W});
  gains.flatten().slice(0, 24) = -1;
  return GainsDenoiser(gains);
}

// The same components by LAPACK from the closed form in float64.
void ExpectClosedForm(const GaussianMixture& prior, const NoisyPair& at, double sigma) {
  const VectorXd y = ToVectorD(at.y);
  const MatrixXd covariance = sigma * sigma * MixtureJacobian(prior, y, sigma);
  const SymmetricEigen<double> exact = EigenSymmetric<double>(covariance);
  const Posterior p = ComputePosterior(*OptimumOf(prior), at, sigma, {});
  ASSERT_EQ(p.variances.size(), 6);
  const double largest = exact.values(0);
  for (Index k = 0; k < 6; ++k) {
    SCOPED_TRACE(fmt::format("sigma {}, k {}", sigma, k));
    EXPECT_LT(std::abs(p.variances(k) / exact.values(k) - 1), 0.01);
    EXPECT_LT(std::abs(p.variances(k) - exact.values(k)),
              p.variance_bounds(k) + kFloatRounding * largest);
    const double cosine = p.components.col(k).cast<double>().dot(exact.vectors.col(k));
    const double sine = std::sqrt(std::max(0.0, 1 - cosine * cosine));
    if (p.cluster_sizes(k) == 1) {
      EXPECT_LT(sine, p.angle_bounds(k) + 2e-3);
    }
    EXPECT_LT(p.variance_bounds(k), 1e-3 * largest);
  }
  EXPECT_EQ(p.converged, 6);
  EXPECT_LT((p.pixel_variances - covariance.diagonal()).cwiseAbs().maxCoeff(),
            kFloatRounding * largest);
  EXPECT_NEAR(p.total_variance, covariance.trace(), kFloatRounding * covariance.trace());
  EXPECT_LT(p.asymmetry, kFloatRounding);
  EXPECT_EQ(p.pixel_errors.size(), 0);
  EXPECT_EQ(p.NegativeShare(), 0);
}

TEST(Posterior, ComponentsAreThoseOfTheClosedForm) {
  for (const int components : {1, 3}) {
    const GaussianMixture prior = RandomMixture(kSize, components);
    const ImageSet images = ImagesOf(prior, 4);
    std::int64_t index = 0;
    for (const double sigma : {0.1, 0.5, 1.0}) {
      for (std::int64_t image = 0; image < 4; ++image)
        ExpectClosedForm(prior, AnalysedImage(images, image, {sigma, index}, 0), sigma);
      ++index;
    }
  }
}

// The slow twin of the random diagonal: 1000 vectors, an entry within 5 of its errors (36 of them),
// the total within 4.
TEST(Posterior, WithoutTheMatrixItIsTheSameWithinItsErrors) {
  const GaussianMixture prior = RandomMixture(kSize, 3);
  const NoisyPair at = AnalysedImage(ImagesOf(prior, 1), 0, {0.5, 0}, 0);
  const auto denoiser = OptimumOf(prior);
  PosteriorOptions options;
  const Posterior dense = ComputePosterior(*denoiser, at, 0.5, options);
  options.exact_up_to = 0;
  options.probes = 1000;
  const Posterior free = ComputePosterior(*denoiser, at, 0.5, options);
  EXPECT_EQ(free.variances, dense.variances);
  EXPECT_EQ(free.components, dense.components);
  ASSERT_EQ(free.pixel_errors.size(), kSize);
  for (Index i = 0; i < kSize; ++i)
    EXPECT_LT(std::abs(free.pixel_variances(i) - dense.pixel_variances(i)),
              5 * free.pixel_errors(i));
  EXPECT_LT(free.pixel_errors.maxCoeff(), 0.1 * dense.pixel_variances.maxCoeff());
  EXPECT_GT(free.total_error, 0);
  EXPECT_LT(std::abs(free.total_variance - dense.total_variance), 4 * free.total_error);
  EXPECT_TRUE(std::isnan(free.asymmetry));
  EXPECT_EQ(free.applications, dense.applications + 1000);
}

double NormalCdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// Two-sided quantiles of the nominal levels of the table.
constexpr double kQuantiles[] = {
    0.6744897501960817, 0.9944578832097532, 1.6448536269514722, 1.959963984540054};

// The posterior at one y, known in full.
class ExactPosterior {
 public:
  ExactPosterior(const GaussianMixture& prior, const VectorXd& y, double sigma)
      : prior_(prior), sigma_(sigma), estimates_(ComponentEstimates(prior, y, sigma)) {
    const MixtureEstimate estimate = MixtureDenoise(prior, y, sigma);
    weights_ = estimate.weights.col(0);
    estimates_.colwise() -= estimate.denoised.col(0);
  }

  // P(|b^T (x - D)| <= q sd), sd its standard deviation.
  double Chance(const VectorXd& b, double q) const {
    const Eigen::ArrayXd means = estimates_.transpose() * b;
    const Eigen::ArrayXd variances = ComponentVariances(prior_, b, sigma_).col(0);
    const double half = q * std::sqrt(weights_.dot((variances + means.square()).matrix()));
    double chance = 0;
    for (Index i = 0; i < means.size(); ++i) {
      const double deviation = std::sqrt(variances(i));
      chance += weights_(i) * (NormalCdf((half - means(i)) / deviation) -
                               NormalCdf((-half - means(i)) / deviation));
    }
    return chance;
  }

 private:
  const GaussianMixture& prior_;
  double sigma_;
  MatrixXd estimates_;
  VectorXd weights_;
};

struct CoverageCase {
  GaussianMixture prior;
  ImageSet images;
  std::unique_ptr<Denoiser> denoiser;
  PosteriorOptions options;
  CoverageDirections directions;

  CoverageCase(int components, Index n)
      : prior(RandomMixture(kSize, components)),
        images(ImagesOf(prior, n)),
        denoiser(OptimumOf(prior)) {
    options.coverage_images = n;
    options.component_images = 300;
    directions.pca = prior.components[0].pca.basis.leftCols(8).cast<float>();
    directions.pixels = {0, 7, 20, 35};
  }
  Coverage Compute(double sigma) const {
    return ComputeCoverage(*denoiser, images, directions, {sigma, 0}, options);
  }
  // In columns, at this y.
  MatrixXd Directions(const std::string& kind, const VectorXd& y, double sigma) const {
    if (kind == "pca") return directions.pca.cast<double>();
    if (kind == "component")
      return EigenSymmetric<double>(MixtureJacobian(prior, y, sigma)).vectors.leftCols(4);
    MatrixXd pixels = MatrixXd::Zero(kSize, 4);
    for (Index k = 0; k < 4; ++k) pixels(directions.pixels[static_cast<std::size_t>(k)], k) = 1;
    return pixels;
  }
  // Mean over the images, a row a quantile.
  VectorXd ExactChances(const std::string& kind, Index count, double sigma) const {
    VectorXd chances = VectorXd::Zero(4);
    for (std::int64_t i = 0; i < count; ++i) {
      const VectorXd y = ToVectorD(CoverageImage(images, i, {sigma, 0}, 0).y);
      const ExactPosterior posterior(prior, y, sigma);
      const MatrixXd B = Directions(kind, y, sigma);
      for (Index k = 0; k < B.cols(); ++k)
        for (Index q = 0; q < 4; ++q)
          chances(q) += posterior.Chance(B.col(k), kQuantiles[q]) / static_cast<double>(B.cols());
    }
    return chances / static_cast<double>(count);
  }
};

TEST(PosteriorCoverage, OfAGaussianIsNominal) {
  const CoverageCase gaussian(1, 2000);
  const Table table = CoverageTable({gaussian.Compute(0.2)});
  ASSERT_EQ(table.rows.size(), 3u * 4u);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    SCOPED_TRACE(fmt::format("{}", fmt::join(table.rows[row], " ")));
    const double error = NumberAt(table, row, "covered_error");
    EXPECT_LT(error, 0.02);
    EXPECT_LT(std::abs(NumberAt(table, row, "covered") - NumberAt(table, row, "level")),
              kSigmas * error);
    EXPECT_LT(std::abs(NumberAt(table, row, "mean_square") - 1),
              kSigmas * NumberAt(table, row, "mean_square_error"));
    EXPECT_EQ(NumberAt(table, row, "without_variance"), 0);
    const bool own = table.rows[row][table.Column("kind")] == "component";
    EXPECT_EQ(NumberAt(table, row, "images"), own ? 300 : 2000);
  }
}

// Between components the posterior is no normal: the truth is the mean chance at the same y.
TEST(PosteriorCoverage, OfAMixtureIsTheExactChance) {
  const CoverageCase mixture(3, 2000);
  constexpr double kSigma = 1;
  const Table table = CoverageTable({mixture.Compute(kSigma)});
  double furthest = 0;  // of a chance from its nominal level
  for (std::size_t row = 0; row < table.rows.size(); row += 4) {
    const std::string kind = table.rows[row][table.Column("kind")];
    const auto count = static_cast<Index>(NumberAt(table, row, "images"));
    const VectorXd chances = mixture.ExactChances(kind, count, kSigma);
    for (std::size_t q = 0; q < 4; ++q) {
      const double chance = chances(static_cast<Index>(q));
      SCOPED_TRACE(fmt::format("{}: chance {}", fmt::join(table.rows[row + q], " "), chance));
      EXPECT_LT(std::abs(NumberAt(table, row + q, "covered") - chance),
                kSigmas * NumberAt(table, row + q, "covered_error"));
      furthest = std::max(furthest, std::abs(chance - NumberAt(table, row + q, "level")));
    }
    EXPECT_LT(std::abs(NumberAt(table, row, "mean_square") - 1),
              kSigmas * NumberAt(table, row, "mean_square_error"));
  }
  EXPECT_GT(furthest, 0.02) << "a mixture that is as good as a Gaussian tests nothing";
}

TEST(PosteriorCoverage, DirectionsWithoutVarianceAreCountedApart) {
  const ImageSet images = ImagesOf(RandomMixture(kSize, 1), 10);
  const GainsDenoiser denoiser = PartlyNegative();
  PosteriorOptions options;
  options.coverage_images = 10;
  options.component_images = 0;
  const CoverageDirections directions = {{}, {0, 1, 30}};
  const Coverage coverage = ComputeCoverage(denoiser, images, directions, {0.3, 0}, options);
  ASSERT_EQ(coverage.kinds.size(), 1u);
  const Table table = CoverageTable({coverage});
  const MatrixXd& errors = coverage.kinds[0].errors;
  for (std::size_t row = 0; row < 4; ++row) {
    EXPECT_NEAR(NumberAt(table, row, "without_variance"), 1.0 / 3, 1e-12);
    EXPECT_NEAR(
        NumberAt(table, row, "mean_square"), errors.leftCols(2).squaredNorm() / 20 / 0.09, 1e-6);
  }
  EXPECT_EQ(CoverageTable({{0, 0.3, {{"pixel", errors, -errors.cwiseAbs2()}}, 0}}).rows[0][3],
            "nan");
}

TEST(Posterior, NegativeVariancesAreCountedAndClipped) {
  const NoisyPair at = AnalysedImage(ImagesOf(RandomMixture(kSize, 1), 1), 0, {0.3, 0}, 0);
  const GainsDenoiser denoiser = PartlyNegative();
  const Posterior p = ComputePosterior(denoiser, at, 0.3, {});
  EXPECT_NEAR(p.NegativeShare(), 1.0 / 3, 1e-12);
  EXPECT_NEAR(p.pixel_variances(35), -0.09, 1e-7);
  EXPECT_EQ(p.Deviations()(35), 0);
  EXPECT_NEAR(p.Deviations()(0), 0.3, 1e-7);
  EXPECT_NEAR(p.total_variance, 0.09 * 12, 1e-6);
  EXPECT_NEAR(p.variances(0), 0.09, 1e-6);
  EXPECT_GT(p.cluster_sizes(0), 1);
}

class PosteriorStudy : public testing::Test {
 protected:
  PosteriorStudy() {
    options_.images = {2, 0};
    options_.sigmas = {0.5, 0.2};
    options_.top = 3;
    options_.coverage_images = 12;
    options_.component_images = 9;
    pca_ = std::make_shared<const Pca>(prior_.components[0].pca);
    denoiser_ = OptimumOf(prior_);
  }
  ~PosteriorStudy() override { ClearCancel(); }

  RunFolder Run(
      const std::string& name, const ProgressSink& progress = [](const Progress&) {}) const {
    return RunPosterior(
        {*denoiser_, images_, pca_, "p", "none here", {{"name", "m"}}, {{"command", "c"}}},
        options_,
        {Path(name), false, progress});
  }
  std::filesystem::path Path(const std::string& name) const { return temp_.Path(name); }

  const GaussianMixture prior_ = RandomMixture(kSize, 2);
  const ImageSet images_ = ImagesOf(prior_, 20);
  std::shared_ptr<const Pca> pca_;
  std::unique_ptr<Denoiser> denoiser_;
  PosteriorOptions options_;

 private:
  TempDir temp_;
};

TEST_F(PosteriorStudy, WritesTheRunFolderOfItsFormat) {
  const RunFolder run = Run("run");
  const Json manifest = ReadJson(run.Path() / "run.json");
  EXPECT_EQ(manifest["kind"], "posterior");
  EXPECT_EQ(manifest["status"], "complete");
  EXPECT_EQ(manifest["command"], "c");
  EXPECT_EQ(manifest["identity"]["options"]["sigmas"], Json({0.2, 0.5}));
  EXPECT_FALSE(manifest.contains("outside_training"));
  EXPECT_EQ(run.CellNames().size(), 2u * 2u + 2u);
  const Npz cell = ReadNpz(run.CellPath("img-00002_sig-0.500000"));
  EXPECT_EQ(cell.at("components").shape, (Shape{3, 1, 6, 6}));
  EXPECT_EQ(cell.at("deviations").shape, (Shape{1, 6, 6}));
  EXPECT_EQ(cell.count("pixel_errors"), 0u);
  const Npz coverage = ReadNpz(run.CellPath("coverage_sig-0.200000"));
  EXPECT_EQ(coverage.at("pca_errors").shape, (Shape{12, 32}));
  EXPECT_EQ(coverage.at("pixel_variances").shape, (Shape{12, 32}));
  EXPECT_EQ(coverage.at("component_errors").shape, (Shape{9, 4}));
  EXPECT_EQ(ReadNpz(run.Path() / "directions.npz").at("pca").shape, (Shape{32, 36}));
  const Table components = ReadCsv(run.Path() / "posterior.csv");
  ASSERT_EQ(components.rows.size(), 2u * 2u * 3u);
  const Table summary = ReadCsv(run.Path() / "summary.csv");
  ASSERT_EQ(summary.rows.size(), 4u);
  EXPECT_EQ(ReadCsv(run.Path() / "coverage.csv").rows.size(), 2u * 3u * 4u);
  EXPECT_NEAR(NumberAt(components, 0, "share"),
              NumberAt(components, 0, "variance") / NumberAt(summary, 0, "total_variance"),
              1e-12);
  EXPECT_EQ(NumberAt(summary, 0, "converged"), 3);
}

TEST_F(PosteriorStudy, RecordsComeBackAsTheyWere) {
  const NoisyPair at = AnalysedImage(images_, 1, {0.3, 0}, 0);
  options_.exact_up_to = 0;
  const Posterior p = ComputePosterior(*denoiser_, at, 0.3, options_);
  const Posterior back = PosteriorFromNpz(ToNpz(p), "p");
  EXPECT_EQ(back.components, p.components);
  EXPECT_EQ(back.pixel_errors, p.pixel_errors);
  EXPECT_EQ(back.Deviations(), p.Deviations());
  EXPECT_EQ(back.SquaredError(), p.SquaredError());
  EXPECT_EQ(back.status, p.status);
  EXPECT_EQ(back.total_error, p.total_error);
}

TEST_F(PosteriorStudy, ResumesToTheSameBytes) {
  Run("whole");
  const auto stop = [](const Progress& progress) {
    if (progress.done == 3) RequestCancel();
  };
  EXPECT_THROW(Run("stopped", stop), Interrupted);
  ClearCancel();
  EXPECT_EQ(RunFolder::Open(Path("stopped")).CellNames().size(), 3u);
  Run("stopped");
  EXPECT_EQ(RunFiles(Path("stopped")), RunFiles(Path("whole")));
}

TEST_F(PosteriorStudy, FewImagesHaveNoError) {
  options_.coverage_images = 7;
  Run("few");
  const Table table = ReadCsv(Path("few") / "coverage.csv");
  for (const auto& row : table.rows) {
    EXPECT_EQ(row[table.Column("covered_error")], "nan");
    EXPECT_EQ(row[table.Column("mean_square_error")], "nan");
    EXPECT_NE(row[table.Column("covered")], "nan");
    EXPECT_EQ(row[table.Column("images")], "7");
  }
}

TEST_F(PosteriorStudy, MoreImagesThanThereAreAreAll) {
  options_.coverage_images = 1000;
  Run("all");
  EXPECT_EQ(ReadNpz(Path("all") / "cells/coverage_sig-0.200000.npz").at("pixel_errors").shape[0],
            20);
}

TEST_F(PosteriorStudy, WithoutTrainingSetOrCoverageSaysSo) {
  pca_ = nullptr;
  EXPECT_EQ(Run("no-pca").Manifest()["no_pca_directions"], "none here");
  EXPECT_EQ(ReadCsv(Path("no-pca") / "coverage.csv").rows.size(), 2u * 2u * 4u);
  options_.coverage_images = 0;
  EXPECT_EQ(Run("none").CellNames().size(), 4u);
  EXPECT_EQ(ReadCsv(Path("none") / "coverage.csv").rows.size(), 0u);
}

TEST_F(PosteriorStudy, NoiseOutsideTrainingIsMarked) {
  denoiser_ = std::make_unique<GainsDenoiser>(PartlyNegative());
  options_.sigmas = {0.3, 2};
  const Json manifest = Run("outside").Manifest();
  EXPECT_NE(manifest["outside_training"].get<std::string>().find("found outside: 2"),
            std::string::npos);
}

TEST_F(PosteriorStudy, RefusesBadOptions) {
  const auto refused = [&](const std::function<void(PosteriorOptions&)>& change,
                           const std::string& message) {
    const PosteriorOptions good = options_;
    change(options_);
    ExpectError([&] { Run("never"); }, {message});
    options_ = good;
    EXPECT_FALSE(std::filesystem::exists(Path("never")));
  };
  refused([](auto& o) { o.images.clear(); }, "at least one image and noise level, found 0 and 2");
  refused([](auto& o) { o.images = {1, 1}; }, "an image is given twice");
  refused([](auto& o) { o.images = {20}; }, "image 20 does not exist");
  refused([](auto& o) { o.sigmas = {0}; }, "sigma is 0");
  refused([](auto& o) { o.sigmas = {0.1, 0.1}; }, "two noise levels are the same");
  refused([](auto& o) { o.top = 0; }, "top is 0, expected at least 1");
  refused([](auto& o) { o.coverage_images = -1; }, "coverage images are -1");
  refused([](auto& o) { o.probes = 1; }, "probes is 1, expected at least 2");
}

}  // namespace
}  // namespace denoscope
