#include "denoscope/emergence/level_tables.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/theory/optimal/time_update.h"
#include "denoscope/theory/optimal/wiener.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr Index kSize = 12;

// With probes that are all axes a sketch is the matrix itself.
Cell CellOf(std::int64_t image, std::int64_t draw, const MatrixXf& J) {
  Cell cell;
  cell.image = image;
  cell.draw = draw;
  cell.sigma = 0.5;
  cell.deep.sketch = J;
  cell.deep.sketch_transpose = J.transpose();
  cell.deep.pca_matrix = J;
  cell.deep.eigenvectors = MatrixXf::Identity(kSize, 2);
  cell.deep.mse = 0.1;
  return cell;
}

Reference SomeReference() {
  Reference r;
  r.n = 100;
  r.lambda = VectorXd::LinSpaced(kSize, 5, 0.1);
  r.basis = MatrixXf::Identity(kSize, kSize);
  return r;
}

TEST(LevelsTable, TravelAndTheCostOfAsymmetryAreThoseOfTheirDefinitions) {
  const MatrixXf J = RandomMatrix<float>(kSize, kSize, "J"),
                 K = RandomMatrix<float>(kSize, kSize, "K"),
                 E = RandomMatrix<float>(kSize, kSize, "E") / 2;
  const std::vector<Cell> cells = {CellOf(0, 0, J), CellOf(0, 1, J + E), CellOf(1, 0, K)};
  const Table table = LevelsTable(cells, {}, SomeReference());
  ASSERT_EQ(table.rows.size(), 1u);
  const double energy = (J.squaredNorm() + (J + E).squaredNorm() + K.squaredNorm()) / 3;
  EXPECT_NEAR(NumberAt(table, 0, "travel_draws"), E.squaredNorm() / (2 * energy), 1e-5);
  EXPECT_NEAR(NumberAt(table, 0, "travel_images"), (J - K).squaredNorm() / (2 * energy), 1e-5);
  const MatrixXf A = (J - J.transpose()) / 2, B = (J + E - (J + E).transpose()) / 2;
  EXPECT_NEAR(
      NumberAt(table, 0, "excess_share"), 0.25 * A.cwiseProduct(B).sum() / (0.1 * kSize), 1e-4);
}

// Spread of J between images is no energy of its mean.
TEST(LevelsTable, OffDiagonalEnergyHasNoBiasBySpread) {
  std::vector<Cell> cells;
  for (int image = 0; image < 200; ++image) {
    MatrixXf M = RandomMatrix<float>(kSize, kSize, "M" + std::to_string(image));
    M.diagonal().array() += 3;
    cells.push_back(CellOf(image, 0, M));
  }
  // 132 entries of variance 1 about 0, beside 12 squares of 3: the mean over pairs has an error of
  // sqrt(2 132)/200 on 108.
  EXPECT_NEAR(
      NumberAt(LevelsTable(cells, {}, SomeReference()), 0, "off_diagonal"), 0, 4 * 0.08 / 108);
}

TEST(LevelsTable, WhatNeedsTwoIsLeftOutOfOne) {
  const Table table =
      LevelsTable({CellOf(0, 0, RandomMatrix<float>(kSize, kSize, "J"))}, {}, SomeReference());
  for (const std::string column :
       {"travel_draws", "travel_images", "off_diagonal", "excess_share", "mse", "ledger_agrees"})
    EXPECT_TRUE(std::isnan(NumberAt(table, 0, column))) << column;
}

// Wiener's gains on its own Gaussian: J foretells what is resolved.
Evaluation Optimum(double sigma, double gain_scale) {
  const VectorXd lambda = SomeReference().lambda, g = WienerGains(lambda, sigma);
  Evaluation e;
  e.sigma = sigma;
  e.resolved = g;
  e.mode_error = lambda.cwiseProduct(VectorXd::Ones(kSize) - g);
  e.replicates = (g.transpose().replicate(40, 1).array() +
                  Eigen::ArrayXd::LinSpaced(40, -0.01, 0.01).replicate(1, kSize))
                     .cast<float>();
  e.gain = gain_scale * g;
  e.gain_error = VectorXd::Constant(kSize, 0.01);
  e.mode_calibration_error = VectorXd::Constant(kSize, 0.03);
  return e;
}

TEST(LedgerTable, ForetellsWhatAnOptimumResolves) {
  const Table table = LedgerTable({Optimum(0.3, 1), Optimum(2, 1.5)}, SomeReference());
  ASSERT_EQ(table.rows.size(), 2u * kSize);
  for (std::size_t k = 0; k < kSize; ++k) {
    EXPECT_NEAR(NumberAt(table, k, "foretold"), NumberAt(table, k, "resolved"), 1e-9);
    EXPECT_NEAR(NumberAt(table, k, "calibration"), 1, 1e-9);
    EXPECT_NEAR(NumberAt(table, k, "above_wiener"), 0, 1e-9);
    EXPECT_LT(NumberAt(table, k, "resolved_low"), NumberAt(table, k, "resolved"));
    EXPECT_NEAR(NumberAt(table, k, "foretold_high") - NumberAt(table, k, "foretold_low"),
                2 * 1.96 * 0.03 * (1 - NumberAt(table, k, "resolved")),
                1e-9);
    EXPECT_NEAR(NumberAt(table, kSize + k, "calibration"), 1.5, 1e-9);
    EXPECT_GT(NumberAt(table, kSize + k, "above_wiener"), 0);
  }
}

TEST(LevelsTable, TheLedgerAgreesWithAnOptimumAlone) {
  std::vector<Cell> cells = {CellOf(0, 0, RandomMatrix<float>(kSize, kSize, "J"))};
  EXPECT_EQ(NumberAt(LevelsTable(cells, {Optimum(0.3, 1)}, SomeReference()), 0, "ledger_agrees"),
            1);
  EXPECT_LT(NumberAt(LevelsTable(cells, {Optimum(2, 2)}, SomeReference()), 0, "ledger_agrees"),
            0.7);
}

TEST(TimeUpdateTable, IsExactForAGaussian) {
  const VectorXd lambda = SomeReference().lambda;
  const std::vector<double> sigmas = {0.2, 1, 3};
  std::vector<Cell> cells;
  for (std::size_t s = 0; s < 3; ++s) {
    Cell cell;
    cell.sigma = sigmas[s];
    cell.sigma_index = static_cast<std::int64_t>(s);
    cell.deep.pca_gain = WienerGains(lambda, sigmas[s]);
    cell.linear.pca_gain = cell.deep.pca_gain / 2;
    cell.deep.foretold_gain.resize(3, kSize);
    for (Index t = 0; t < 3; ++t)
      cell.deep.foretold_gain.row(t) =
          GaussianTimeUpdate(cell.deep.pca_gain, sigmas[s], sigmas[static_cast<std::size_t>(t)]);
    cells.push_back(cell);
  }
  const Table table = TimeUpdateTable(cells);
  ASSERT_EQ(table.rows.size(), 6u);
  for (std::size_t row = 0; row < 6; ++row) {
    EXPECT_NEAR(NumberAt(table, row, "foretold"), 0, 1e-9);
    EXPECT_GT(NumberAt(table, row, "unchanged"), 0.05);
    EXPECT_NEAR(NumberAt(table, row, "wiener"), 0.5, 1e-9);
  }
}

}  // namespace
}  // namespace denoscope
