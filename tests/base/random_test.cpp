#include "denoscope/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tests/support/normal_moments.h"

namespace denoscope {
namespace {

// Every statistical bound is this many standard errors wide: one false alarm in 10^6 seeds, and the
// seeds are fixed.
constexpr double kSigmas = 5;

TEST(StreamSeed, DiffersByNameIndexAndSeed) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (const char* name : {"a", "b", "ab", "ba", "aa", "noise", "noise2"})
      for (std::uint64_t index = 0; index < 10; ++index)
        seeds.insert(StreamSeed(seed, name, index));
  EXPECT_EQ(seeds.size(), 10u * 7 * 10);
}

TEST(StreamSeed, NoIndexIsIndexZero) {
  EXPECT_EQ(StreamSeed(1, "noise"), StreamSeed(1, "noise", 0));
}

TEST(RandomStream, SameNameSameNumbers) {
  RandomStream a(1, "noise", 3), b(1, "noise", 3), other(1, "noise", 4);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const double value = a.Normal();
    EXPECT_EQ(value, b.Normal());
    differs |= value != other.Normal();
  }
  EXPECT_TRUE(differs);
}

TEST(RandomStream, NormalMoments) {
  RandomStream stream(1, "moments");
  ExpectMomentsOfNormal([&] { return stream.Normal(); }, 400000, kSigmas);
}

// n = 100000 pairs: the correlation of the two numbers of one polar draw has standard error 1/sqrt
// n.
TEST(RandomStream, NormalPairsAreUncorrelated) {
  constexpr int kCount = 100000;
  RandomStream stream(1, "pairs");
  double correlation = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = stream.Normal();
    correlation += x * stream.Normal() / kCount;
  }
  EXPECT_NEAR(correlation, 0, kSigmas / std::sqrt(kCount));
}

TEST(RandomStream, UniformLiesInItsRange) {
  constexpr int kCount = 100000;
  RandomStream stream(1, "uniform");
  double mean = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = stream.Uniform();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    mean += x / kCount;
  }
  EXPECT_NEAR(mean, 0.5, kSigmas * std::sqrt(1.0 / 12 / kCount));
}

// n = 70000 draws into 7 cells: each count has standard error sqrt(n p (1-p)).
TEST(RandomStream, BelowIsUniform) {
  constexpr int kCount = 70000, kCells = 7;
  RandomStream stream(1, "below");
  std::vector<int> counts(kCells, 0);
  for (int i = 0; i < kCount; ++i) ++counts.at(stream.Below(kCells));
  const double p = 1.0 / kCells;
  for (const int count : counts)
    EXPECT_NEAR(count, kCount * p, kSigmas * std::sqrt(kCount * p * (1 - p)));
  EXPECT_EQ(stream.Below(1), 0u);
}

// n = 10000. A plain remainder would put half of the words, not a third, into the lowest third.
TEST(RandomStream, BelowIsUniformForHugeRanges) {
  constexpr int kCount = 10000;
  constexpr std::uint64_t kThird = std::uint64_t{1} << 62;
  RandomStream stream(1, "huge");
  int low = 0;
  for (int i = 0; i < kCount; ++i) {
    const std::uint64_t word = stream.Below(3 * kThird);
    ASSERT_LT(word, 3 * kThird);
    low += word < kThird ? 1 : 0;
  }
  EXPECT_NEAR(low, kCount / 3.0, kSigmas * std::sqrt(kCount * 2.0 / 9));
}

TEST(RandomStream, PermutationIsAPermutation) {
  RandomStream stream(1, "permutation");
  for (const std::int64_t n : {0, 1, 2, 100}) {
    std::vector<std::int64_t> order = stream.Permutation(n);
    std::vector<std::int64_t> expected(static_cast<std::size_t>(n));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(order == expected, n < 2 || (n == 2 && order[0] == 0));
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, expected);
  }
}

// n = 60000 permutations of 3: each of the 6 orders has standard error sqrt(n p (1-p)).
TEST(RandomStream, PermutationsAreEquallyLikely) {
  constexpr int kCount = 60000;
  RandomStream stream(1, "orders");
  std::vector<int> counts(9, 0);  // by the first two places
  for (int i = 0; i < kCount; ++i) {
    const auto order = stream.Permutation(3);
    ++counts.at(static_cast<std::size_t>(3 * order[0] + order[1]));
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double p = i % 4 == 0 ? 0 : 1.0 / 6;
    EXPECT_NEAR(counts[i], kCount * p, kSigmas * std::sqrt(kCount * p * (1 - p)));
  }
}

}  // namespace
}  // namespace denoscope
