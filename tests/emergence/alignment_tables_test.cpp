#include "denoscope/emergence/alignment_tables.h"

#include <gtest/gtest.h>

#include <cmath>

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;

constexpr Index kSize = 40, kVectors = 4;
constexpr double kRounding = 1e-3;  // sin of an angle from a float32 cosine: sqrt of its rounding

Cell CellOf(std::int64_t image, std::int64_t draw, std::int64_t s, const MatrixXf& vectors) {
  Cell cell;
  cell.image = image;
  cell.draw = draw;
  cell.sigma_index = s;
  cell.sigma = 0.1 * static_cast<double>(s + 1);
  cell.deep.eigenvectors = vectors;
  cell.deep.eigenvalues = Eigen::VectorXd::LinSpaced(kSize, 0, -8).array().exp();
  return cell;
}

// PCA modes are axes; the second and the third have nearly the same variance.
Reference Axes() {
  Reference r;
  r.n = 100;
  r.basis = MatrixXf::Identity(kSize, 10);
  r.lambda = Eigen::VectorXd::LinSpaced(kSize, 20, 1).array().square();
  r.lambda[2] = 0.99 * r.lambda[1];
  return r;
}

TEST(AlignmentTable, TellsRotationInABlockFromPermutationAndFromChance) {
  const MatrixXf start = MatrixXf::Identity(kSize, kVectors);
  MatrixXf turned = start;  // by 30 degrees within the block, and the first in the last's place
  const float c = std::cos(0.5236f), s = std::sin(0.5236f);
  turned(1, 1) = turned(2, 2) = c;
  turned(2, 1) = s;
  turned(1, 2) = -s;
  turned.col(0).swap(turned.col(3));
  const std::vector<Cell> cells = {CellOf(0, 0, 0, start), CellOf(0, 0, 1, turned)};
  const Table table = AlignmentTable(cells, Axes());
  ASSERT_EQ(table.rows.size(), 2u * kVectors);
  for (std::size_t k = 0; k < kVectors; ++k)
    for (const std::string column : {"sin_pca", "sin_pca_block", "sin_pca_matched", "sin_start"})
      EXPECT_NEAR(NumberAt(table, k, column), 0, kRounding) << column;
  const std::size_t level = kVectors;
  EXPECT_NEAR(NumberAt(table, level + 0, "sin_pca"), 1, kRounding);
  EXPECT_NEAR(NumberAt(table, level + 0, "sin_pca_matched"), 0, kRounding);
  EXPECT_NEAR(NumberAt(table, level + 1, "sin_pca"), 0.5, kRounding);
  EXPECT_NEAR(NumberAt(table, level + 1, "sin_pca_block"), 0, kRounding);
  EXPECT_NEAR(NumberAt(table, level + 1, "sin_start_block"), 0.5, kRounding) << "its own are apart";
  // A random direction has cos^2 = 1/d on average; matching 4 with 4 finds better ones.
  EXPECT_NEAR(NumberAt(table, 0, "sin_chance"), std::sqrt(1 - 1.0 / kSize), 0.03);
  EXPECT_LT(NumberAt(table, 0, "sin_chance_matched") + NumberAt(table, 1, "sin_chance_matched"),
            NumberAt(table, 0, "sin_chance") + NumberAt(table, 1, "sin_chance"));
}

TEST(AlignmentTable, ErrorsAreThoseOfTheMeanOverCells) {
  MatrixXf other = MatrixXf::Identity(kSize, kVectors);
  other.col(0).swap(other.col(1));
  const std::vector<Cell> cells = {CellOf(0, 0, 0, MatrixXf::Identity(kSize, kVectors)),
                                   CellOf(1, 0, 0, other)};
  const Table table = AlignmentTable(cells, Axes());
  EXPECT_NEAR(NumberAt(table, 0, "sin_pca"), 0.5, kRounding);
  EXPECT_NEAR(NumberAt(table, 0, "sin_pca_error"), 0.5, kRounding);  // of 0 and 1, divisor n - 1
  EXPECT_NEAR(NumberAt(table, 3, "sin_pca_error"), 0, kRounding);
}

TEST(SubspacesTable, ComparesDrawsImagesAndPca) {
  const MatrixXf axes = MatrixXf::Identity(kSize, kVectors);
  MatrixXf apart = MatrixXf::Zero(kSize, kVectors);
  for (Index k = 0; k < kVectors; ++k) apart(k + 20, k) = 1;
  MatrixXf half = axes;  // its leading two are those of `axes` in the other order
  half.col(0).swap(half.col(1));
  const std::vector<Cell> cells = {
      CellOf(0, 0, 0, axes), CellOf(0, 1, 0, half), CellOf(1, 0, 0, apart), CellOf(1, 1, 0, apart)};
  const Table table = SubspacesTable(cells, Axes());
  ASSERT_EQ(table.rows.size(), 3u);  // r = 1, 2, 4
  EXPECT_DOUBLE_EQ(NumberAt(table, 0, "draws"), 0.5);
  EXPECT_DOUBLE_EQ(NumberAt(table, 1, "draws"), 1);
  EXPECT_DOUBLE_EQ(NumberAt(table, 1, "images"), 0);
  EXPECT_DOUBLE_EQ(NumberAt(table, 1, "pca"), 0.5);
  EXPECT_DOUBLE_EQ(NumberAt(table, 2, "chance"), 4.0 / kSize);
}

TEST(SubspacesTable, OneDrawOfOneImageHasNothingToCompareWith) {
  const std::vector<Cell> cells = {CellOf(0, 0, 0, MatrixXf::Identity(kSize, kVectors))};
  const Table table = SubspacesTable(cells, Reference());
  for (const std::string column : {"pca", "draws", "images"})
    EXPECT_TRUE(std::isnan(NumberAt(table, 0, column))) << column;
  EXPECT_DOUBLE_EQ(NumberAt(table, 0, "start"), 1);
}

}  // namespace
}  // namespace denoscope
