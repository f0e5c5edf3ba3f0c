#include "denoscope/linalg/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

TEST(ForEachIndex, CallsEveryIndexOnce) {
  for (const int threads : {1, 2, 7}) {
    std::vector<int> calls(100, 0);
    ForEachIndex(100, threads, [&](Index i) { ++calls[static_cast<std::size_t>(i)]; });
    EXPECT_EQ(calls, std::vector<int>(100, 1)) << threads << " threads";
  }
  ForEachIndex(0, 2, [](Index) { FAIL() << "there is no index"; });
}

// Products of this size are shared out by a BLAS of several threads, each with its own rounding.
TEST(ForEachIndex, ProductsDoNotDependOnTheNumberOfThreads) {
  const auto products = [](int threads) {
    std::vector<MatrixXd> results(4);
    ForEachIndex(4, threads, [&](Index i) {
      MatrixXd A(200, 301);
      for (Index j = 0; j < A.size(); ++j) A.data()[j] = 1.0 / static_cast<double>(i + 3 + j % 997);
      results[static_cast<std::size_t>(i)] = A * A.transpose();
    });
    return results;
  };
  EXPECT_EQ(products(1), products(2));
  EXPECT_EQ(products(1), products(3));
}

TEST(ForEachIndex, ThrowsWhatAPieceThrewAndStops) {
  std::atomic<int> begun{0};
  const auto work = [&](Index i) {
    ++begun;
    if (i == 3) throw Error("piece {} fails", i);
  };
  ExpectError([&] { ForEachIndex(100000, 2, work); }, {"piece 3 fails"});
  EXPECT_LT(begun, 100000);
  ExpectError([&] { ForEachIndex(1, 0, work); }, {"threads is 0", "at least 1"});
}

}  // namespace
}  // namespace denoscope
