#include "denoscope/data/synthetic_images.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "denoscope/data/geometric_images.h"
#include "denoscope/data/image_set.h"
#include "denoscope/image/tensors.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;

SyntheticImages Synthetic(const std::string& spec) { return SyntheticImages(ParseDataSpec(spec)); }

std::vector<std::string> SmallSpecs() {
  return {"gaussian:size=8,train=40,test=20",
          "gaussian:size=8,channels=3,train=40,test=20",
          "low-rank:size=8,rank=3,train=40,test=20",
          "spiked:size=8,train=40,test=20",
          "calpha:size=8,train=40,test=20",
          "discs:size=8,train=40,test=20"};
}

TEST(SyntheticImages, AnyRangeIsTheSameImages) {
  for (const std::string& spec : SmallSpecs()) {
    SCOPED_TRACE(spec);
    const SyntheticImages images = Synthetic(spec);
    const torch::Tensor all = images.Draw("train", 0, 50);
    EXPECT_EQ(all.scalar_type(), torch::kFloat32);
    EXPECT_EQ(all.size(1), images.Shape().C);
    EXPECT_TRUE(torch::equal(all.slice(0, 7, 9), images.Draw("train", 7, 9)));
    EXPECT_TRUE(torch::equal(all.slice(0, 45, 50), images.Draw("train", 45, 50)));  // fresh
    EXPECT_EQ(images.Draw("train", 3, 3).size(0), 0);
    EXPECT_FALSE(torch::equal(all[0], all[1]));
    ExpectError([&] { images.Draw("train", 3, 2); }, {"images 3 to 2"});
  }
}

TEST(SyntheticImages, SplitsAndSeedsAreStreamsOfTheirOwn) {
  for (const std::string& spec : SmallSpecs()) {
    SCOPED_TRACE(spec);
    const torch::Tensor train = Synthetic(spec).Draw("train", 0, 20);
    EXPECT_TRUE(torch::equal(train, Synthetic(spec + ",seed=0").Draw("train", 0, 20)));
    for (const torch::Tensor& other :
         {Synthetic(spec).Draw("test", 0, 20), Synthetic(spec + ",seed=1").Draw("train", 0, 20)})
      for (int i = 0; i < 20; ++i) EXPECT_FALSE(torch::equal(train[i], other[i])) << i;
  }
}

TEST(SyntheticImages, LoadAsSets) {
  for (const std::string& spec : SmallSpecs()) {
    SCOPED_TRACE(spec);
    const SyntheticImages images = Synthetic(spec);
    const ImageSet train = LoadImageSet(spec, "train"), test = LoadImageSet(spec, "test");
    EXPECT_EQ(train.Count(), 40);
    EXPECT_EQ(test.Count(), 20);
    EXPECT_EQ(train.Name(), spec);
    EXPECT_EQ(train.ImageSize(), images.Shape());
    EXPECT_TRUE(torch::equal(train.Range(0, 40), images.Draw("train", 0, 40)));
    EXPECT_TRUE(torch::equal(test.Range(0, 20), images.Draw("test", 0, 20)));
    EXPECT_NE(train.Sha256(), test.Sha256());
    EXPECT_EQ(train.Sha256(), LoadImageSet(spec + ",seed=0", "train").Sha256());
    EXPECT_NE(train.Sha256(), LoadImageSet(spec + ",seed=1", "train").Sha256());
  }
  const ImageSet large = LoadImageSet("low-rank:size=2,rank=1,train=2500,test=1", "train");
  EXPECT_TRUE(torch::equal(large.Images({2400}),
                           Synthetic("low-rank:size=2,rank=1").Draw("train", 2400, 2401)));
}

TEST(SyntheticImages, OptionsAreCheckedOneByOne) {
  ExpectError(
      [] { Synthetic("gaussian:siz=8"); },
      {"'gaussian:siz=8'",
       "option 'siz'",
       "'gaussian' takes size, channels, exponent, rank, variance, mean, train, test, seed"});
  ExpectError([] { Synthetic("discs:channels=3"); }, {"option 'channels'", "unknown"});
  ExpectError([] { Synthetic("gaussian:size=0"); }, {"option 'size'", "1 to 1024", "found '0'"});
  ExpectError([] { Synthetic("gaussian:size=4,rank=17"); }, {"option 'rank'", "0 to 16"});
  ExpectError([] { Synthetic("low-rank:rank=0"); }, {"option 'rank'", "1 to 1024"});
  ExpectError([] { Synthetic("gaussian:variance=0"); }, {"option 'variance'"});
  ExpectError([] { Synthetic("gaussian:exponent=-1"); }, {"option 'exponent'"});
  ExpectError([] { Synthetic("spiked:spikes=1+2"); }, {"option 'spikes'", "descending order"});
  ExpectError([] { Synthetic("spiked:spikes=1+2x"); }, {"option 'spikes'", "found '2x'"});
  ExpectError([] { Synthetic("spiked:spikes=0,floor=0"); }, {"option 'spikes'", "above 0"});
  ExpectError([] { Synthetic("spiked:size=1,spikes=2+1"); }, {"2 spikes", "at most 1"});
  ExpectError([] { Synthetic("calpha:alpha=0"); }, {"option 'alpha'"});
  ExpectError([] { Synthetic("calpha:size=7"); }, {"option 'size'"});
  ExpectError([] { Synthetic("discs:train=1"); }, {"option 'train'"});
  ExpectError([] { Synthetic("discs:test=0"); }, {"option 'test'"});
  ExpectError([] { Synthetic("discs:seed=-1"); }, {"option 'seed'"});
  ExpectError([] { Synthetic("nothing"); }, {"'nothing'", "synthetic kind"});
  ExpectError([] { LoadImageSet("gaussian:size=128,train=1000000000", "train"); },
              {"'gaussian:size=128", "GB of memory", "1000000000 images"});
}

TEST(SyntheticImages, GaussianTruthIsAsTheOptionsSay) {
  const GaussianImages power = *TruthOf("gaussian:size=4,channels=3,exponent=1.5,variance=0.2");
  EXPECT_EQ(power.Shape(), (ImageShape{3, 4, 4}));
  EXPECT_NEAR(power.Eigenvalues().sum(), 48 * 0.2, 1e-12);
  EXPECT_NEAR(power.Eigenvalues()(0) / power.Eigenvalues()(9), std::pow(10.0, 1.5), 1e-9);
  EXPECT_TRUE((power.Mean().array() == 0.5).all());
  const Eigen::VectorXd low = TruthOf("low-rank:size=4,rank=3")->Eigenvalues();
  EXPECT_NEAR(low(2), 16 * 0.05 / 3, 1e-12);
  EXPECT_EQ(low(3), 0);
  const Eigen::VectorXd spiked = TruthOf("spiked:size=4,spikes=3+2,floor=0.5")->Eigenvalues();
  EXPECT_EQ(spiked.head(4), Eigen::Vector4d(3, 2, 0.5, 0.5));
  EXPECT_FALSE(TruthOf("discs"));
  EXPECT_FALSE(TruthOf("fashion-mnist"));
  EXPECT_FALSE(TruthOf("gaussian:reversed"));
}

// The sample covariance of n Gaussian columns is off by sqrt((tr^2 + |S|_F^2) / n) in Frobenius
// norm, root mean square; and that error falls as n^-1/2.
TEST(SyntheticImages, GaussianSamplesConvergeToTheTruth) {
  for (const std::string spec : {"gaussian:size=6,train=16000,mean=0.3",
                                 "spiked:size=6,train=16000,spikes=2+1,floor=0.02"}) {
    SCOPED_TRACE(spec);
    const GaussianImages truth = *TruthOf(spec);
    const Eigen::MatrixXd covariance = truth.Covariance();
    const double scale = std::sqrt(std::pow(covariance.trace(), 2) + covariance.squaredNorm());
    const ImageSet images = LoadImageSet(spec, "train");
    for (const std::int64_t n : {1000, 16000}) {
      const Pca pca = PcaOf(images.Subset(0, n));
      const Eigen::MatrixXd sample =
          pca.basis * pca.eigenvalues.asDiagonal() * pca.basis.transpose();
      const double ratio = (sample - covariance).norm() / (scale / std::sqrt(double(n)));
      // A ratio of norms with some ten effective degrees of freedom: within a factor of 2.
      EXPECT_GT(ratio, 0.5) << n;
      EXPECT_LT(ratio, 2) << n;
      const double mean_error = std::sqrt(covariance.trace() / static_cast<double>(n));
      EXPECT_LT((pca.mean - truth.Mean()).norm(), 3 * mean_error) << n;
    }
  }
}

TEST(SyntheticImages, ADiscHasTwoGrays) {
  constexpr std::int64_t kImages = 400;
  const Eigen::MatrixXf images = DiscImages(32, 1, 0, kImages);
  for (Index i = 0; i < kImages; ++i) {
    const auto image = images.col(i).array();
    const float low = image.minCoeff(), high = image.maxCoeff();
    EXPECT_GE(low, 0);
    EXPECT_LE(high, 1);
    const Index between =
        ((image > low + 1e-4F * (high - low)) && (image < high - 1e-4F * (high - low))).count();
    // The edge of the largest disc, 2 pi 12 pixels long, softened over one pixel in its own
    // direction, which touches at most two pixels a row or column.
    EXPECT_LE(between, 2 * 76) << i;
    EXPECT_GT(std::min((image <= low + 1e-4F).count(), (image >= high - 1e-4F).count()), 0) << i;
  }
}

// A Gaussian field is in C^s for s < alpha when its DCT deviations fall as f^-(alpha + 1).
TEST(SyntheticImages, RegionsOfAContourImageHaveTheRegularityAsked) {
  for (const double alpha : {1.0, 2.5}) {
    const ContourImages images(32, alpha);
    const DctBasis dct({1, 32, 32});
    const Eigen::VectorXd& deviations = images.RegionDeviations();
    EXPECT_EQ(deviations(0), 0);
    EXPECT_NEAR(deviations.squaredNorm() / 1024, 0.01, 1e-12);  // of gray 0.1 a pixel
    for (const Index i : {1, 40, 700, 1023})
      EXPECT_NEAR(std::log(deviations(i) / deviations(1)),
                  -(alpha + 1) * std::log(dct.Frequencies()(i) / dct.Frequencies()(1)),
                  1e-9);
  }
}

// Along the middle row the median squared second difference is that of the regions, the largest
// that of the contour.
TEST(SyntheticImages, AContourImageIsSmoothButForOneCurve) {
  constexpr std::int64_t kImages = 200;
  const auto roughness = [](double alpha) {
    const Eigen::MatrixXf images = ContourImages(32, alpha).Samples(3, 0, kImages);
    std::vector<float> squares;
    for (Index i = 0; i < kImages; ++i)
      for (Index p = 1; p < 31; ++p) {
        const auto at = [&](Index x) { return images(32 * 16 + x, i); };
        squares.push_back(std::pow(at(p - 1) - 2 * at(p) + at(p + 1), 2.0F));
      }
    const auto middle = squares.begin() + static_cast<std::ptrdiff_t>(squares.size() / 2);
    std::nth_element(squares.begin(), middle, squares.end());
    const float largest = *std::max_element(squares.begin(), squares.end());
    return std::pair<float, float>(*middle, largest);
  };
  const auto [rough, rough_jump] = roughness(0.5);
  const auto [smooth, smooth_jump] = roughness(3);
  EXPECT_LT(smooth, rough / 10);         // the regions
  EXPECT_GT(smooth_jump, 1e4 * smooth);  // the contour stays a jump
  EXPECT_GT(rough_jump, smooth_jump / 10);
}

TEST(SyntheticImages, KindsAreListedWithTheirDefaults) {
  const std::vector<SyntheticKind> kinds = SyntheticKinds();
  ASSERT_EQ(kinds.size(), 5);
  EXPECT_EQ(kinds[0].name, "gaussian");
  EXPECT_EQ(kinds[0].options,
            "size=32,channels=1,exponent=2,rank=0,variance=0.05,mean=0.5,train=10000,test=2000,"
            "seed=0");
  for (const SyntheticKind& kind : kinds) {
    EXPECT_TRUE(IsSyntheticKind(kind.name));
    // The listed options are a spec of the same set.
    EXPECT_EQ(Synthetic(kind.name + ":" + kind.options).Canonical(),
              Synthetic(kind.name).Canonical());
  }
}

}  // namespace
}  // namespace denoscope
