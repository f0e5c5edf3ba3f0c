#include "denoscope/linalg/elpa_spectrum.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <string>

#include "denoscope/base/cancel.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
template <typename Scalar>
using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

const Ranks& Job() { return Ranks::OfThisJob(); }

// A file of all ranks with some bytes before the numbers, gone when they have closed it.
class SharedFile {
 public:
  static constexpr std::int64_t kOffset = 12;

  explicit SharedFile(const std::string& content = "") {
    const std::string name =
        Job().Gather(testing::TempDir() + "matrix-" + std::to_string(::getpid()))[0];
    if (Job().IsFirst()) descriptor_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (Job().IsFirst() && !content.empty())
      EXPECT_EQ(::pwrite(descriptor_, content.data(), content.size(), kOffset),
                static_cast<ssize_t>(content.size()));
    Job().Gather("");
    if (!Job().IsFirst()) descriptor_ = ::open(name.c_str(), O_RDWR);
    Job().Gather("");
    if (Job().IsFirst()) ::unlink(name.c_str());
  }
  ~SharedFile() { ::close(descriptor_); }

  template <typename Scalar>
  Rows<Scalar> Read(Index d) const {
    Rows<Scalar> rows(d, d);
    const std::size_t size = static_cast<std::size_t>(d * d) * sizeof(Scalar);
    EXPECT_EQ(::pread(descriptor_, rows.data(), size, kOffset), static_cast<ssize_t>(size));
    return rows;
  }
  MatrixInFile Place(bool is_double) const { return {descriptor_, kOffset, is_double}; }

 private:
  int descriptor_ = -1;
};

template <typename Scalar>
Rows<Scalar> Entries(Index d) {
  Rows<Scalar> A(d, d);
  for (Index i = 0; i < d; ++i)
    for (Index j = 0; j < d; ++j)
      A(i, j) = static_cast<Scalar>(
          std::sin(1.0 + 7 * static_cast<double>(i * i) + 3 * static_cast<double>(j)) /
          (1.0 + static_cast<double>(i)));
  return A;
}

template <typename Scalar>
std::string Bytes(const Rows<Scalar>& A) {
  return {reinterpret_cast<const char*>(A.data()),
          static_cast<std::size_t>(A.size()) * sizeof(Scalar)};
}

template <typename Scalar>
MatrixXd Symmetric(Index d) {
  const MatrixXd A = Entries<Scalar>(d).template cast<double>();
  return (A + A.transpose()) / 2;
}

// Which entries of the whole a rank holds, by the definition.
MatrixXd PartOf(const MatrixXd& A, const BlockCyclic& grid) {
  std::vector<Index> rows, cols;
  for (Index i = 0; i < A.rows(); ++i) {
    if (i / grid.block % grid.grid_rows == grid.row) rows.push_back(i);
    if (i / grid.block % grid.grid_cols == grid.col) cols.push_back(i);
  }
  return A(rows, cols);
}

const std::vector<Index>& Sizes() {
  static const std::vector<Index> sizes = {1, 5, 37, 200};
  return sizes;
}

std::vector<int> GridRows() {
  return Job().Count() == 1 ? std::vector<int>{1} : std::vector<int>{1, Job().Count()};
}

TEST(BlockCyclic, EveryRankReadsItsPartOfTheSymmetricPart) {
  for (const Index d : Sizes())
    for (const int grid_rows : GridRows())
      for (const Index block : {1, 4, 16, 64}) {
        const BlockCyclic grid = BlockCyclic::Of(d, block, Job(), grid_rows);
        const SharedFile one(Bytes(Entries<float>(d))), two(Bytes(Entries<double>(d)));
        const MatrixXd expected = PartOf(Symmetric<float>(d), grid);
        EXPECT_EQ(expected.rows(), grid.LocalRows());
        EXPECT_EQ(expected.cols(), grid.LocalCols());
        EXPECT_EQ((ReadSymmetricPart(one.Place(false), grid, Job()) - expected).norm(), 0);
        EXPECT_EQ(
            (ReadSymmetricPart(two.Place(true), grid, Job()) - PartOf(Symmetric<double>(d), grid))
                .norm(),
            0);
      }
}

TEST(BlockCyclic, ColumnsComeToTheFileAsRowsTheLastFirstWithTheirSigns) {
  for (const Index d : Sizes())
    for (const int grid_rows : GridRows()) {
      const MatrixXd A = Entries<double>(d);
      MatrixXd expected = A.transpose().colwise().reverse();
      for (Index k = 0; k < d; ++k) {
        Index largest = 0;
        expected.row(k).cwiseAbs().maxCoeff(&largest);
        if (expected(k, largest) < 0) expected.row(k) *= -1;
      }
      const BlockCyclic grid = BlockCyclic::Of(d, 8, Job(), grid_rows);
      const SharedFile one, two;
      WriteColumnsReversed<float>(PartOf(A, grid).cast<float>(), grid, Job(), one.Place(false));
      WriteColumnsReversed<double>(PartOf(A, grid), grid, Job(), two.Place(true));
      EXPECT_EQ((two.Read<double>(d) - expected).norm(), 0) << "d = " << d;
      EXPECT_EQ((one.Read<float>(d) - expected.cast<float>()).norm(), 0);
    }
}

TEST(BlockCyclic, WhatOneRankCannotReadStopsAll) {
  Rows<float> A = Entries<float>(37);
  A(30, 4) = std::numeric_limits<float>::quiet_NaN();
  const BlockCyclic grid = BlockCyclic::Of(37, 4, Job());
  const SharedFile bad(Bytes(A)), cut(Bytes(A).substr(0, 37 * 20));
  ExpectError([&] { ReadSymmetricPart(bad.Place(false), grid, Job()); },
              {"matrix (37,37): entry (30,4) is nan, expected a finite number"});
  ExpectError([&] { ReadSymmetricPart(cut.Place(false), grid, Job()); }, {"the file has ended"});
  ExpectError([&] { BlockCyclic::Of(37, 4, Job(), Job().Count() + 1); }, {"divides the ranks"});
  ExpectError([&] { BlockCyclic::Of(0, 4, Job()); }, {"d is 0"});
}

class Elpa : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanUseElpa(Job())) GTEST_SKIP() << "needs a program built with ELPA and started by mpirun";
  }
};

template <typename Scalar>
void ExpectSpectrum(Index d, const ElpaOptions& options, double tolerance) {
  SCOPED_TRACE("d = " + std::to_string(d) + ", stages " + std::to_string(options.stages));
  const MatrixXd S = Symmetric<Scalar>(d);
  const auto exact = EigenSymmetric<double>(S);
  const double scale = exact.values.cwiseAbs().maxCoeff();
  const SharedFile file(Bytes(Entries<Scalar>(d))), out;
  const bool is_double = sizeof(Scalar) == sizeof(double);
  const Eigen::VectorXd values =
      ElpaSpectrum(file.Place(is_double), d, out.Place(is_double), Job(), options);
  const MatrixXd V = out.Read<Scalar>(d).template cast<double>();
  EXPECT_LT((values - exact.values).cwiseAbs().maxCoeff(), tolerance * scale);
  EXPECT_LT((V * V.transpose() - MatrixXd::Identity(d, d)).cwiseAbs().maxCoeff(), tolerance);
  EXPECT_LT((V * S - values.asDiagonal() * V).cwiseAbs().maxCoeff(), tolerance * scale);
  for (Index k = 0; k < d; ++k) EXPECT_GT(V.row(k).maxCoeff(), -V.row(k).minCoeff() - tolerance);
  const Eigen::VectorXd alone =
      ElpaSpectrum(file.Place(is_double), d, std::nullopt, Job(), options);
  EXPECT_LT((alone - exact.values).cwiseAbs().maxCoeff(), tolerance * scale);
}

// To the rounding of some thousand operations in each arithmetic.
TEST_F(Elpa, IsEigenSymmetricAtAnySizeAndGrid) {
  ElpaOptions options;
  options.block = 16;
  for (const Index d : Sizes()) {
    options.grid_rows = GridRows().back();
    ExpectSpectrum<double>(d, options, 1e-12);
    options.grid_rows = 1;
    ExpectSpectrum<float>(d, options, 1e-5);
  }
  options.stages = 2;
  ExpectSpectrum<double>(37, options, 1e-12);
}

TEST_F(Elpa, OptionsAreTestedAndARequestToStopIsHeardByAll) {
  const SharedFile file(Bytes(Entries<double>(5)));
  const auto solve = [&](Index block, int stages) {
    ElpaSpectrum(file.Place(true), 5, std::nullopt, Job(), {block, 0, stages});
  };
  ExpectError([&] { solve(0, 1); }, {"block is 0"});
  ExpectError([&] { solve(4, 3); }, {"stages is 3"});
  if (Job().Rank() == Job().Count() - 1) RequestCancel();
  EXPECT_THROW(solve(4, 1), Interrupted);
  ClearCancel();
}

}  // namespace
}  // namespace denoscope
