#include "denoscope/theory/frequency/dct.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kPi = 3.14159265358979323846;
constexpr double kRounding = 1e-12;  // sums of at most 200 products of order 1

const ImageShape kShapes[] = {{1, 8, 8}, {1, 6, 10}, {3, 10, 6}, {2, 5, 4}, {1, 1, 7}, {3, 1, 1}};

Index Flat(const ImageShape& shape, Index c, Index y, Index x) {
  return (c * shape.H + y) * shape.W + x;
}

// The textbook formula, sum over pixels, of one channel's plane.
double SlowCoefficient(
    const ImageShape& shape, const VectorXd& image, Index c, Index ky, Index kx) {
  double sum = 0;
  for (Index y = 0; y < shape.H; ++y) {
    for (Index x = 0; x < shape.W; ++x) {
      sum += image(Flat(shape, c, y, x)) * std::cos(kPi * ky * (y + 0.5) / shape.H) *
             std::cos(kPi * kx * (x + 0.5) / shape.W);
    }
  }
  const double norm_y = std::sqrt((ky == 0 ? 1.0 : 2.0) / static_cast<double>(shape.H));
  const double norm_x = std::sqrt((kx == 0 ? 1.0 : 2.0) / static_cast<double>(shape.W));
  return norm_y * norm_x * sum;
}

VectorXd SlowOpponent(const ImageShape& shape, const VectorXd& image) {
  const Index plane = shape.H * shape.W;
  const VectorXd r = image.head(plane), g = image.segment(plane, plane), b = image.tail(plane);
  VectorXd opponent(3 * plane);
  opponent << (r + g + b) / std::sqrt(3.0), (r - g) / std::sqrt(2.0),
      (r + g - 2 * b) / std::sqrt(6.0);
  return opponent;
}

MatrixXd BasisMatrix(const DctBasis& basis) {
  const Index d = basis.Shape().Size();
  return basis.InverseTransform(MatrixXd::Identity(d, d));
}

TEST(DctBasis, IsOrthonormal) {
  for (const ImageShape& shape : kShapes) {
    SCOPED_TRACE(testing::Message() << shape.C << "," << shape.H << "," << shape.W);
    const DctBasis basis(shape);
    const MatrixXd X = RandomMatrix(shape.Size(), 5, "dct");
    const MatrixXd spectrum = basis.Transform(X);
    EXPECT_LT((basis.InverseTransform(spectrum) - X).norm(), kRounding * X.norm());
    EXPECT_LT((spectrum.colwise().norm() - X.colwise().norm()).norm(), kRounding * X.norm());
    const MatrixXd B = BasisMatrix(basis);
    const MatrixXd gram = B.transpose() * B;
    EXPECT_LT((gram - MatrixXd::Identity(shape.Size(), shape.Size())).norm(), kRounding * B.norm());
    EXPECT_LT((B.transpose() * X - spectrum).norm(), kRounding * X.norm());
  }
}

TEST(DctBasis, MatchesTheTextbookFormula) {
  for (const ImageShape& shape : kShapes) {
    SCOPED_TRACE(testing::Message() << shape.C << "," << shape.H << "," << shape.W);
    const VectorXd image = RandomMatrix(shape.Size(), 1, "dct").col(0);
    const VectorXd planes = shape.C == 3 ? SlowOpponent(shape, image) : image;
    const VectorXd spectrum = DctBasis(shape).Transform(image);
    for (Index c = 0; c < shape.C; ++c) {
      for (Index ky = 0; ky < shape.H; ++ky) {
        for (Index kx = 0; kx < shape.W; ++kx) {
          EXPECT_NEAR(spectrum(Flat(shape, c, ky, kx)),
                      SlowCoefficient(shape, planes, c, ky, kx),
                      kRounding);
        }
      }
    }
  }
}

TEST(DctBasis, ConstantImageIsDcAlone) {
  const ImageShape shape{1, 6, 10};
  const VectorXd spectrum = DctBasis(shape).Transform(VectorXd::Constant(60, 0.5));
  EXPECT_NEAR(spectrum(0), 0.5 * std::sqrt(60.0), kRounding);
  EXPECT_LT(spectrum.tail(59).cwiseAbs().maxCoeff(), kRounding);
}

TEST(DctBasis, GrayImageHasNoChroma) {
  const ImageShape shape{3, 6, 10};
  const MatrixXd gray = RandomMatrix(60, 1, "dct").replicate(3, 1);
  const VectorXd spectrum = DctBasis(shape).Transform(gray);
  EXPECT_LT(spectrum.tail(120).cwiseAbs().maxCoeff(), kRounding);
  EXPECT_NEAR(spectrum.head(60).norm(), gray.norm(), kRounding);
}

TEST(DctBasis, FrequenciesInCyclesPerImage) {
  const DctBasis square({1, 8, 8});
  const ImageShape wide{3, 6, 10};
  const DctBasis oblong(wide);
  for (Index ky = 0; ky < 6; ++ky) {
    for (Index kx = 0; kx < 8; ++kx) {
      EXPECT_DOUBLE_EQ(square.Frequencies()(Flat({1, 8, 8}, 0, ky, kx)), 0.5 * std::hypot(kx, ky));
      // Per axis k/(2 length) cycles per pixel, times the longer side, 10.
      const double expected = 10 * std::hypot(kx / 20.0, ky / 12.0);
      for (Index c = 0; c < 3; ++c) {
        EXPECT_DOUBLE_EQ(oblong.Frequencies()(Flat(wide, c, ky, kx)), expected);
      }
    }
  }
  EXPECT_DOUBLE_EQ(square.MaxFrequency(), 0.5 * std::hypot(7, 7));
}

TEST(DctBasis, MeanFrequencyOfABasisVectorIsItsOwn) {
  const DctBasis basis({3, 6, 10});
  const MatrixXd B = BasisMatrix(basis);
  EXPECT_LT((basis.MeanFrequency(3 * B) - basis.Frequencies()).cwiseAbs().maxCoeff(), kRounding);
  const VectorXd mixed = 2 * B.col(5) - B.col(47);  // energies 4 and 1
  const double expected = 0.8 * basis.Frequencies()(5) + 0.2 * basis.Frequencies()(47);
  EXPECT_NEAR(basis.MeanFrequency(mixed)(0), expected, kRounding);
  EXPECT_TRUE(std::isnan(basis.MeanFrequency(VectorXd::Zero(180))(0)));
}

TEST(DctBasis, ThrowsOnWrongShapes) {
  EXPECT_THROW(DctBasis({1, 0, 4}), Error);
  const DctBasis basis({1, 4, 4});
  EXPECT_THROW(basis.Transform(MatrixXd::Zero(15, 2)), Error);
  EXPECT_THROW(MakeBands(basis, 0), Error);
  EXPECT_THROW(BandGain(basis, MakeBands(basis), MatrixXd::Zero(16, 15)), Error);
  EXPECT_THROW(BandGain(basis, MakeBands(DctBasis({1, 2, 2})), MatrixXd::Zero(16, 16)), Error);
}

TEST(DctBands, DivideTheFrequenciesWithDcApart) {
  const DctBasis basis({3, 6, 10});
  const DctBands bands = MakeBands(basis, 8);
  EXPECT_EQ(bands.groups, 2);
  EXPECT_EQ(bands.Bands(), 9);
  EXPECT_EQ(bands.size.sum(), 180);
  EXPECT_EQ(bands.size(0), 1);  // DC of luma
  EXPECT_EQ(bands.size(9), 2);  // and of both chroma axes
  EXPECT_EQ(bands.centre(0), 0);
  const double width = basis.MaxFrequency() / 8;
  for (Index i = 0; i < 180; ++i) {
    const int band = bands.band[static_cast<std::size_t>(i)];
    EXPECT_EQ(band / 9, i < 60 ? 0 : 1);
    if (basis.Frequencies()(i) == 0) {
      EXPECT_EQ(band % 9, 0);
    } else {
      EXPECT_LE(std::abs(basis.Frequencies()(i) - bands.centre(band % 9)), width * (0.5 + 1e-8));
    }
  }
}

TEST(DctBands, AFrequencyOnAnEdgeBelongsToTheLowerBand) {
  // (1,1,7): f = kx / 2 up to 3, six bands of width 1/2: one vector in each.
  const DctBands bands = MakeBands(DctBasis({1, 1, 7}), 6);
  EXPECT_EQ(bands.band, (std::vector<int>{0, 1, 2, 3, 4, 5, 6}));
  // On a square the diagonal vectors (k,k) lie on the edges of N - 1 bands, up to rounding.
  const ImageShape square{1, 14, 14};
  const DctBands thirteen = MakeBands(DctBasis(square), 13);
  for (Index k = 0; k < 14; ++k) {
    EXPECT_EQ(thirteen.band[static_cast<std::size_t>(Flat(square, 0, k, k))], k);
  }
}

TEST(BandGain, OfTheIdentityIsOneAndOfEmptyBandsNan) {
  const DctBasis basis({1, 2, 2});
  const DctBands bands = MakeBands(basis, 16);
  const VectorXd gain = BandGain(basis, bands, MatrixXd::Identity(4, 4));
  ASSERT_EQ(gain.size(), 17);
  int empty = 0;
  for (Index b = 0; b < 17; ++b) {
    if (bands.size(b) > 0) {
      EXPECT_NEAR(gain(b), 1, kRounding);
    } else {
      EXPECT_TRUE(std::isnan(gain(b)));
      ++empty;
    }
  }
  EXPECT_EQ(empty, 14);  // DC, f = 1/2 twice, f = sqrt(1/2)
}

TEST(BandGain, OfAFilterIsTheMeanOfItsResponse) {
  for (const ImageShape& shape : {ImageShape{1, 6, 10}, ImageShape{3, 10, 6}}) {
    const DctBasis basis(shape);
    const DctBands bands = MakeBands(basis, 5);
    const VectorXd response = RandomMatrix(shape.Size(), 1, "dct").col(0);
    const MatrixXd B = BasisMatrix(basis);
    const VectorXd gain = BandGain(basis, bands, B * response.asDiagonal() * B.transpose());
    VectorXd expected = VectorXd::Zero(gain.size());
    for (Index i = 0; i < shape.Size(); ++i) {
      const int band = bands.band[static_cast<std::size_t>(i)];
      expected(band) += response(i) / bands.size(band);
    }
    EXPECT_LT((gain - expected).cwiseAbs().maxCoeff(), kRounding);
  }
}

TEST(BandGain, AgreesWithItsSlowTwinOnAMatrixWithoutSymmetry) {
  for (const ImageShape& shape : {ImageShape{1, 6, 10}, ImageShape{3, 4, 5}}) {
    const DctBasis basis(shape);
    const DctBands bands = MakeBands(basis, 4);
    const MatrixXd J = RandomMatrix(shape.Size(), shape.Size(), "dct");
    const MatrixXd B = BasisMatrix(basis);
    VectorXd expected = VectorXd::Zero(bands.size.size());
    for (Index i = 0; i < shape.Size(); ++i) {
      const int band = bands.band[static_cast<std::size_t>(i)];
      expected(band) += B.col(i).dot(J * B.col(i)) / bands.size(band);
    }
    EXPECT_LT((BandGain(basis, bands, J) - expected).cwiseAbs().maxCoeff(), kRounding);
  }
}

}  // namespace
}  // namespace denoscope
