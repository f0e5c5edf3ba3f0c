#include "denoscope/data/reversed_set.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "denoscope/image/tensors.h"
#include "denoscope/theory/frequency/synthetic_spectrum.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd Columns(const ImageSet& images) {
  return ToMatrixD(images.Range(0, images.Count()).flatten(1)).transpose();
}

VectorXd Variances(const ImageSet& images) {
  const MatrixXd x = Columns(images);
  const MatrixXd spectra = DctBasis(images.ImageSize()).Transform(x.colwise() - x.rowwise().mean());
  return spectra.cwiseAbs2().rowwise().sum() / static_cast<double>(x.cols() - 1);
}

// Variances of one channel, by frequency.
VectorXd ByFrequency(const VectorXd& variances, const DctBasis& dct, Index channel) {
  const Index plane = dct.Shape().H * dct.Shape().W;
  std::vector<Index> order(static_cast<std::size_t>(plane));
  for (Index k = 0; k < plane; ++k) order[static_cast<std::size_t>(k)] = channel * plane + k;
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return dct.Frequencies()(a) < dct.Frequencies()(b);
  });
  return variances(order);
}

// Float32 pixels of about 0.5 with variances down to 1e-3 of theirs: relative error of a variance.
constexpr double kRounding = 1e-4;

TEST(ReversedSet, MirrorsTheTrainingVariancesInEachChannel) {
  for (const std::string spec :
       {"gaussian:size=6,train=2000,test=500", "gaussian:size=5,channels=3,train=2000,test=500"}) {
    SCOPED_TRACE(spec);
    const ImageSet plain = LoadImageSet(spec, "train");
    const ImageSet reversed = LoadImageSet(spec + ":reversed", "train");
    EXPECT_EQ(reversed.Name(), spec + ":reversed");
    EXPECT_EQ(reversed.Count(), plain.Count());
    EXPECT_NE(reversed.Sha256(), plain.Sha256());
    const DctBasis dct(plain.ImageSize());
    for (Index c = 0; c < plain.ImageSize().C; ++c) {
      const VectorXd before = ByFrequency(Variances(plain), dct, c);
      const VectorXd after = ByFrequency(Variances(reversed), dct, c);
      EXPECT_LT((after - before.reverse()).cwiseAbs().cwiseQuotient(after).maxCoeff(), kRounding);
      EXPECT_GT(after(after.size() - 1), 50 * after(0));  // the roughest now varies most
    }
    const VectorXd shift = Columns(reversed).rowwise().mean() - Columns(plain).rowwise().mean();
    EXPECT_LT(shift.cwiseAbs().maxCoeff(), 1e-5);  // the mean image stays
  }
}

// An orthonormal basis: the sum of variances, of which the mirror is a permutation, stays too, and
// each coefficient of an image is its own times a gain.
TEST(ReversedSet, IsDiagonalInTheDctBasis) {
  const ImageSet train = LoadImageSet("gaussian:size=6,train=500", "train");
  const SpectrumReversal reversal(train);
  const DctBasis dct(train.ImageSize());
  const MatrixXd x = Columns(train);
  const MatrixXd before = dct.Transform(x.colwise() - reversal.Mean());
  const MatrixXd after = dct.Transform(reversal.Apply(x).colwise() - reversal.Mean());
  EXPECT_LT((after - reversal.Gains().asDiagonal() * before).norm(), 1e-12 * after.norm());
  EXPECT_NEAR(after.squaredNorm(), before.squaredNorm(), 1e-9 * before.squaredNorm());
}

TEST(ReversedSet, TheTestSplitIsTreatedWithTheStatisticsOfTheTrainingSplit) {
  const std::string spec = "gaussian:size=6,train=500,test=40";
  const SpectrumReversal reversal(LoadImageSet(spec, "train"));
  const ImageSet test = LoadImageSet(spec, "test");
  const ImageSet reversed = LoadImageSet(spec + ":reversed", "test");
  EXPECT_LT((Columns(reversed) - reversal.Apply(Columns(test))).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_EQ(reversed.Split(), "test");
  // Other training images, another set.
  EXPECT_NE(reversed.Sha256(),
            LoadImageSet("gaussian:size=6,train=501,test=40:reversed", "test").Sha256());
}

TEST(ReversedSet, ANearNullCoefficientIsNotBlownUp) {
  // Deviations 1, .. and one at 1e-5 of the largest: it is divided by the floor.
  const std::int64_t n = 400;
  VectorXd lambda = VectorXd::Ones(16);
  lambda(15) = 1e-10;
  const GaussianImages gaussian({1, 4, 4}, lambda);
  const Eigen::MatrixXf columns = gaussian.Samples(1, 0, n);
  const torch::Tensor pixels =
      ToTensor(Eigen::MatrixXf(columns.transpose())).view({n, 1, 4, 4}).contiguous();
  const SpectrumReversal reversal(ImageSet("null", "train", pixels, "hash"));
  const double floor = kReversedFloor * reversal.Deviations().maxCoeff();
  EXPECT_LT(reversal.Deviations()(15), floor);
  EXPECT_NEAR(reversal.Gains()(15), reversal.Deviations()(0) / floor, 1e-9 / floor);
}

TEST(ReversedSet, RefusesWhatHasNoSpectrumToReverse) {
  ExpectError(
      [] { LoadImageSet("low-rank:size=8,rank=4,train=100:reversed", "train"); },
      {"'low-rank:size=8,rank=4,train=100:reversed'", "reversed", "of the variance is left"});
  const torch::Tensor same = torch::full({5, 1, 4, 4}, 9, torch::kUInt8);
  ExpectError([&] { SpectrumReversal(ImageSet("flat", "train", same, "")); }, {"'flat'", "differ"});
}

}  // namespace
}  // namespace denoscope
