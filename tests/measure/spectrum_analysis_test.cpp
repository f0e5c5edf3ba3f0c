#include "denoscope/measure/spectrum_analysis.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/random.h"
#include "denoscope/theory/optimal/wiener.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr ImageShape kShape = {1, 4, 6};
constexpr Index kSize = 24;
// LAPACK in float32 on matrices of norm 1 and order 24: a few dozen eps.
constexpr double kFloatRounding = 1e-5;

MatrixXf RandomBasis(Index d, Index m) {
  const MatrixXf A = RandomMatrix<float>(d, m, "tests/basis", 2);
  return A.householderQr().householderQ() * MatrixXf::Identity(d, m);
}

Spectrum Analyze(const MatrixXf& J, const MatrixXf& basis, bool complex = true) {
  const DctBasis dct(kShape);
  const DctBands bands = MakeBands(dct);
  SpectrumOptions options;
  options.complex_eigenvalues = complex;
  return AnalyzeJacobian(J, {dct, bands, basis}, options);
}

void ExpectAll(const VectorXd& values, double expected, double tolerance = kFloatRounding) {
  EXPECT_GT(values.size(), 0);
  for (const double value : values)
    if (!(std::abs(value - expected) <= tolerance))
      ADD_FAILURE() << "found " << value << ", expected " << expected;
}

TEST(AnalyzeJacobian, OfTheIdentity) {
  const Spectrum s = Analyze(MatrixXf::Identity(kSize, kSize), RandomBasis(kSize, 10));
  ExpectAll(s.eigenvalues, 1);
  ExpectAll(s.singular_values, 1);
  ExpectAll(s.pca_gain, 1);
  ExpectAll(s.left_right_cosine, 1);
  ExpectAll(s.eigenvalues_complex.real(), 1);
  EXPECT_EQ(s.pca_gain.size(), 10);
  EXPECT_EQ(s.eigenvectors.cols(), kSize);  // 32 are asked for, 24 there are
  const VectorXd sizes = MakeBands(DctBasis(kShape)).size;
  ASSERT_EQ(s.band_gain.size(), sizes.size());
  for (Index b = 0; b < sizes.size(); ++b) {
    if (sizes[b] > 0)
      EXPECT_NEAR(s.band_gain[b], 1, kFloatRounding);
    else
      EXPECT_TRUE(std::isnan(s.band_gain[b]));
  }
  EXPECT_NEAR(s.trace, kSize, kFloatRounding);
  EXPECT_EQ(s.asymmetry, 0);
  EXPECT_EQ(s.negative_mass, 0);
  EXPECT_NEAR(s.effective_rank, kSize, kSize * kFloatRounding);
  EXPECT_NEAR(s.imaginary_share, 0, kFloatRounding);
}

// That of a denoiser that has memorised: 0/0 would be no number.
TEST(AnalyzeJacobian, OfZeroHasNoShares) {
  const Spectrum s = Analyze(MatrixXf::Zero(kSize, kSize), RandomBasis(kSize, 10));
  for (const double share : {s.asymmetry, s.negative_mass, s.effective_rank, s.imaginary_share})
    EXPECT_EQ(share, 0);
  ExpectAll(s.eigenvalues, 0);
  ExpectAll(s.pca_gain, 0);
}

TEST(AnalyzeJacobian, OfAnAntisymmetricMatrix) {
  const MatrixXf A = RandomMatrix<float>(kSize, kSize, "tests/antisymmetric", 2);
  const Spectrum s = Analyze(A - A.transpose(), RandomBasis(kSize, 10));
  EXPECT_NEAR(s.asymmetry, 2, kFloatRounding);
  ExpectAll(s.eigenvalues, 0);
  ExpectAll(s.pca_gain, 0, kFloatRounding * kSize);
  EXPECT_NEAR(s.trace, 0, kFloatRounding);
  EXPECT_NEAR(s.imaginary_share, 1, kFloatRounding);
  for (Index k = 0; k < kSize; k += 2)  // singular values come in pairs, vectors are turned by 90
    EXPECT_NEAR(
        s.singular_values[k], s.singular_values[k + 1], kFloatRounding * s.singular_values[0]);
}

TEST(AnalyzeJacobian, OfADiagonalWithNegativeEntries) {
  VectorXd diagonal = VectorXd::LinSpaced(kSize, 0.1, 1);
  diagonal[3] = -0.2;
  diagonal[8] = -0.5;
  const MatrixXf J = diagonal.asDiagonal().toDenseMatrix().cast<float>();
  const Spectrum s = Analyze(J, MatrixXf::Identity(kSize, kSize));
  EXPECT_NEAR(s.negative_mass, 0.7 / diagonal.cwiseAbs().sum(), kFloatRounding);
  EXPECT_NEAR(s.trace, diagonal.sum(), kFloatRounding);
  EXPECT_LT((s.diagonal - diagonal).cwiseAbs().maxCoeff(), kFloatRounding);
  EXPECT_NEAR(s.effective_rank,
              std::pow(diagonal.cwiseAbs().sum(), 2) / diagonal.squaredNorm(),
              kSize * kFloatRounding);
  EXPECT_LT((s.pca_gain - diagonal).cwiseAbs().maxCoeff(), kFloatRounding);
  EXPECT_NEAR(s.eigenvalues[0], 1, kFloatRounding);
  EXPECT_NEAR(s.eigenvalues[kSize - 2], -0.2, kFloatRounding);
  EXPECT_NEAR(s.eigenvalues[kSize - 1], -0.5, kFloatRounding);
  EXPECT_NEAR(s.singular_values[kSize - 1], diagonal.cwiseAbs().minCoeff(), kFloatRounding);
  EXPECT_EQ(s.asymmetry, 0);
  ExpectAll(s.left_right_cosine, 1);
}

// Nilpotent, yet as large as an identity: why complex eigenvalues alone are not trusted.
TEST(AnalyzeJacobian, OfAShiftHasNoEigenvaluesButSingularValuesOfOne) {
  MatrixXf J = MatrixXf::Zero(kSize, kSize);
  J.diagonal(1).setOnes();
  const Spectrum s = Analyze(J, MatrixXf());
  ExpectAll(s.eigenvalues_complex.cwiseAbs(), 0);
  ExpectAll(s.singular_values.head(kSize - 1), 1);
  EXPECT_NEAR(s.singular_values[kSize - 1], 0, kFloatRounding);
  for (Index k = 0; k < kSize; ++k)  // sym(J) is half a path graph: cos(pi k / (d+1))
    EXPECT_NEAR(s.eigenvalues[k],
                std::cos(M_PI * static_cast<double>(k + 1) / (kSize + 1)),
                kFloatRounding);
  EXPECT_NEAR(s.negative_mass, 0.5, kFloatRounding);
  EXPECT_NEAR(s.asymmetry, std::sqrt(2), kFloatRounding);
}

TEST(AnalyzeJacobian, OfARotationIsAsImaginaryAsItsSine) {
  const double angle = 0.3;
  const auto c = static_cast<float>(std::cos(angle)), w = static_cast<float>(std::sin(angle));
  MatrixXf J = MatrixXf::Zero(kSize, kSize);
  for (Index i = 0; i < kSize; i += 2) J.block<2, 2>(i, i) << c, -w, w, c;
  const Spectrum s = Analyze(J, MatrixXf());
  EXPECT_NEAR(s.imaginary_share, std::sin(angle), kFloatRounding);
  ExpectAll(s.eigenvalues_complex.cwiseAbs(), 1);
  ExpectAll(s.eigenvalues, std::cos(angle));
  ExpectAll(s.singular_values, 1);
  EXPECT_NEAR(s.asymmetry, 2 * std::sin(angle), kFloatRounding);
  ExpectAll(s.left_right_cosine, std::cos(angle));
}

TEST(AnalyzeJacobian, OfRankOneKeepsLeftAndRightApart) {
  const MatrixXf basis = RandomBasis(kSize, kSize);
  // u_0 u_1^T: reads mode 1, writes mode 0.
  const Spectrum s = Analyze(2 * basis.col(0) * basis.col(1).transpose(), basis.leftCols(10));
  EXPECT_NEAR(s.singular_values[0], 2, kFloatRounding);
  EXPECT_NEAR(s.effective_rank, 1, kFloatRounding * kSize);
  EXPECT_NEAR(s.left_right_cosine[0], 0, kFloatRounding);
  EXPECT_NEAR(s.eigenvalues[0], 1, kFloatRounding);
  EXPECT_NEAR(s.eigenvalues[kSize - 1], -1, kFloatRounding);
  ExpectAll(s.pca_gain, 0);
}

TEST(AnalyzeJacobian, PrincipalAnglesAreWithTheLeadingModes) {
  const MatrixXf U = RandomBasis(kSize, kSize);
  VectorXd gains = VectorXd::Constant(kSize, 0.01);
  for (Index k = 0; k < 4; ++k) gains[k] = 1 - 0.1 * static_cast<double>(k);
  const MatrixXf J = U * gains.cast<float>().asDiagonal() * U.transpose();
  const DctBasis dct(kShape);
  const DctBands bands = MakeBands(dct);
  SpectrumOptions options;
  options.vectors = 4;
  const Spectrum aligned = AnalyzeJacobian(J, {dct, bands, U}, options);
  EXPECT_EQ(aligned.left_pca_cosine.size(), 4);
  ExpectAll(aligned.left_pca_cosine, 1);
  ExpectAll(aligned.right_pca_cosine, 1);
  const MatrixXf others = U.rightCols(8);
  const Spectrum apart = AnalyzeJacobian(J, {dct, bands, others}, options);
  ExpectAll(apart.left_pca_cosine, 0);
}

TEST(AnalyzeJacobian, EigenvectorsDiagonaliseTheSymmetricPart) {
  const MatrixXf A = RandomMatrix<float>(kSize, kSize, "tests/any", 2);
  const Spectrum s = Analyze(A, MatrixXf());
  const MatrixXd V = s.eigenvectors.cast<double>();
  const MatrixXd symmetric = (A + A.transpose()).cast<double>() / 2;
  const double scale = symmetric.norm();
  EXPECT_LT((symmetric * V - V * s.eigenvalues.asDiagonal()).norm(), kFloatRounding * scale);
  EXPECT_LT((V.transpose() * V - MatrixXd::Identity(kSize, kSize)).norm(), kFloatRounding);
  const VectorXd frequency = DctBasis(kShape).MeanFrequency(V);
  EXPECT_LT((s.eigenvector_frequency - frequency).norm(), kFloatRounding);
}

TEST(AnalyzeJacobian, LeavesOutWhatWasNotAskedFor) {
  const Spectrum s = Analyze(MatrixXf::Identity(kSize, kSize), MatrixXf(), false);
  EXPECT_EQ(s.eigenvalues_complex.size(), 0);
  EXPECT_TRUE(std::isnan(s.imaginary_share));
  EXPECT_EQ(s.pca_gain.size(), 0);
  EXPECT_EQ(s.left_pca_cosine.size(), 0);
  EXPECT_TRUE(std::isnan(s.mse));
}

// The size of a 3x32x32 image: beyond it LibTorch's own LAPACK calls get their workspace wrong.
TEST(AnalyzeJacobian, OfAColourImage) {
  constexpr ImageShape kColour = {3, 32, 32};
  const Index d = kColour.Size();
  const MatrixXf A = RandomMatrix<float>(d, d, "tests/colour", 2);
  const MatrixXf J =
      (A + 0.5F * A.transpose()) / std::sqrt(static_cast<float>(d)) + MatrixXf::Identity(d, d);
  const DctBasis dct(kColour);
  const DctBands bands = MakeBands(dct);
  const MatrixXf none;
  const Spectrum s = AnalyzeJacobian(J, {dct, bands, none}, {});
  // Float32 eigenvalues are off by some eps times the norm each, and here by chance in sum.
  constexpr double kTolerance = 1e-5;
  EXPECT_NEAR(s.eigenvalues.sum(), s.trace, kTolerance * s.eigenvalues.cwiseAbs().sum());
  EXPECT_NEAR(s.trace, J.cast<double>().trace(), kTolerance);
  EXPECT_NEAR(s.singular_values.norm(), J.cast<double>().norm(), kTolerance * J.norm());
  EXPECT_EQ(s.band_gain.size(), 2 * 17);
}

// D = A y + b for an A of no symmetry at all.
TEST(AddIdentities, SureIsUnbiasedForAnyLinearDenoiser) {
  constexpr int kDraws = 4000;
  constexpr double kSigma = 0.4, kStandardErrors = 4;
  const MatrixXf J = RandomMatrix<float>(kSize, kSize, "tests/sure", 2) / 5.0F +
                     0.5F * MatrixXf::Identity(kSize, kSize);
  RandomStream random(4, "tests/sure/noise");
  const VectorXd x = VectorXd::LinSpaced(kSize, 0, 1), b = VectorXd::Constant(kSize, 0.1);
  Spectrum s;
  s.trace = J.cast<double>().trace();
  double sum = 0, squares = 0, mse = 0;
  for (int i = 0; i < kDraws; ++i) {
    VectorXd y = x;
    for (double& pixel : y) pixel += kSigma * random.Normal();
    AddIdentities(x, y, J.cast<double>() * y + b, J, kSigma, s);
    const double gap = s.sure - s.mse;
    sum += gap;
    squares += gap * gap;
    mse += s.mse / kDraws;
  }
  const double mean = sum / kDraws;
  const double error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
  EXPECT_NEAR(mean, 0, kStandardErrors * error);
  // The test has power: a Jacobian off by a tenth of its trace would have been seen.
  EXPECT_GT(0.2 * kSigma * kSigma * s.trace / kSize, 2 * kStandardErrors * error) << mse;
}

TEST(AddIdentities, WienerIsCalibratedOnGaussianImages) {
  constexpr int kDraws = 4000;
  constexpr double kSigma = 0.4, kStandardErrors = 4;
  Pca pca;
  pca.mean = VectorXd::Constant(kSize, 0.5);
  pca.basis = RandomBasis(kSize, kSize).cast<double>();
  pca.eigenvalues = VectorXd::LinSpaced(kSize, 1, 0.01);
  const MatrixXd W = WienerMatrix(pca, kSigma);
  const MatrixXf J = W.cast<float>();
  RandomStream random(5, "tests/calibration");
  Spectrum s;
  s.trace = W.trace();
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    VectorXd modes(kSize), z(kSize);
    for (Index k = 0; k < kSize; ++k) modes[k] = std::sqrt(pca.eigenvalues[k]) * random.Normal();
    for (double& pixel : z) pixel = random.Normal();
    const VectorXd x = pca.mean + pca.basis * modes, y = x + kSigma * z;
    AddIdentities(x, y, pca.mean + W * (y - pca.mean), J, kSigma, s);
    sum += s.mse;
    squares += s.mse * s.mse;
  }
  const double mean = sum / kDraws;
  const double error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
  EXPECT_NEAR(mean, s.calibration, kStandardErrors * error);
  EXPECT_NEAR(s.calibration, WienerMse(pca.eigenvalues, kSigma), kFloatRounding);
}

TEST(AddIdentities, KnownNumbers) {
  const VectorXd x = VectorXd::Constant(4, 0.5), y = VectorXd::Constant(4, 0.7);
  const MatrixXf J = 0.5F * MatrixXf::Identity(4, 4);
  Spectrum s;
  s.trace = 2;
  AddIdentities(x, y, VectorXd::Constant(4, 0.35), J, 0.2, s);
  EXPECT_NEAR(s.mse, 0.15 * 0.15, 1e-15);
  EXPECT_NEAR(s.calibration, 0.04 * 2 / 4, 1e-15);
  EXPECT_NEAR(s.sure, 0.35 * 0.35 - 0.04 + 2 * 0.04 * 2 / 4, 1e-15);
  EXPECT_NEAR(s.homogeneity_defect, 0, kFloatRounding);  // D = Jy
  AddIdentities(x, y, VectorXd::Constant(4, 0.7), J, 0.2, s);
  EXPECT_NEAR(s.homogeneity_defect, 0.5, kFloatRounding);
}

// J = S + (a b^T - b a^T)/2: all of its antisymmetry lies in planes with b.
TEST(AddIdentities, SeesAntisymmetryAlongTheResidualAndAlongTheImage) {
  const VectorXd x = VectorXd::LinSpaced(kSize, 0, 1), y = x.array().sin() + 0.3;
  const VectorXd denoised = 0.7 * y + 0.1 * x;
  const MatrixXf a = RandomMatrix<float>(kSize, 1, "a", 2),
                 S = RandomMatrix<float>(kSize, kSize, "S", 2);
  const auto shares = [&](const VectorXd& along) {
    const MatrixXf b = along.cast<float>();
    Spectrum s;
    AddIdentities(
        x, y, denoised, S + S.transpose() + a * b.transpose() - b * a.transpose(), 0.1, s);
    return std::pair{s.blind_share, s.homogeneous_share};
  };
  EXPECT_NEAR(shares(y - denoised).first, 1, 1e-4);
  EXPECT_LT(shares(y - denoised).second, 0.999);
  EXPECT_NEAR(shares(y).second, 1, 1e-4);
  Spectrum random;  // by chance 2/d
  AddIdentities(x, y, denoised, RandomMatrix<float>(kSize, kSize, "J", 2), 0.1, random);
  EXPECT_NEAR(random.blind_share, 2.0 / kSize, 1.5 / kSize);
}

TEST(AnalyzeJacobian, SketchesKeepTheNormAndTheTransposeIsThatOfJ) {
  const DctBasis dct(kShape);
  const DctBands bands = MakeBands(dct);
  const MatrixXf J = RandomMatrix<float>(kSize, kSize, "J", 2), basis;
  const MatrixXf all = std::sqrt(static_cast<float>(kSize)) * MatrixXf::Identity(kSize, kSize);
  const Spectrum s = AnalyzeJacobian(J, {dct, bands, basis, 0.1, {}, all}, {});
  EXPECT_LT((s.sketch - J).norm(), kFloatRounding * J.norm());
  EXPECT_LT((s.sketch_transpose - J.transpose()).norm(), kFloatRounding * J.norm());
}

TEST(AnalyzeJacobian, ForetellsGainsAtOtherNoiseLevelsOfAGaussian) {
  const DctBasis dct(kShape);
  const DctBands bands = MakeBands(dct);
  const MatrixXf U = RandomBasis(kSize, kSize);
  const VectorXd lambda = VectorXd::LinSpaced(kSize, 2, 0.01);
  const MatrixXf J = U * WienerGains(lambda, 0.3).cast<float>().asDiagonal() * U.transpose();
  const MatrixXf basis = U.leftCols(6);
  const Spectrum s = AnalyzeJacobian(J, {dct, bands, basis, 0.3, {0.1, 0.3, 2}, {}}, {});
  ASSERT_EQ(s.foretold_gain.rows(), 3);
  for (Index t = 0; t < 3; ++t) {
    const double to = std::vector<double>{0.1, 0.3, 2}[static_cast<std::size_t>(t)];
    EXPECT_LT((s.foretold_gain.row(t).transpose() - WienerGains(lambda, to).head(6)).norm(), 1e-4);
  }
  EXPECT_LT((s.pca_matrix.diagonal().cast<double>() - s.pca_gain).norm(), kFloatRounding);
  EXPECT_LT((s.pca_matrix - MatrixXf(s.pca_matrix.diagonal().asDiagonal())).norm(), 1e-4);
}

}  // namespace
}  // namespace denoscope
