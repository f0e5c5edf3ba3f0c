#include "denoscope/ranks/ranks.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "denoscope/base/process.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

const Ranks& Job() { return Ranks::OfThisJob(); }

TEST(RanksTogether, GatherGivesEachRanksTextToAll) {
  const auto texts = Job().Gather(std::string(static_cast<std::size_t>(Job().Rank()), 'x'));
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(Job().Count()));
  for (std::size_t r = 0; r < texts.size(); ++r) EXPECT_EQ(texts[r], std::string(r, 'x'));
}

TEST(RanksTogether, SumAddsOverRanksAndIsTheSameEverywhere) {
  std::vector<float> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(Job().Rank() + 1) / static_cast<float>(i + 3);
  Job().Sum(values.data(), 1000);
  const int n = Job().Count();
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(values[i], 0.5 * n * (n + 1) / static_cast<double>(i + 3), 1e-6 * n * n);
  const std::string bytes(reinterpret_cast<const char*>(values.data()), 4000);
  for (const std::string& other : Job().Gather(bytes)) EXPECT_EQ(other, bytes);
}

TEST(RanksTogether, ShareGivesEachRanksPartToAll) {
  constexpr std::int64_t kValues = 7;
  std::vector<std::int64_t> counts;
  for (int r = 0; r < Job().Count(); ++r) {
    const PieceRange part = PiecesOf(kValues, r, Job().Count());
    counts.push_back(part.end - part.begin);
  }
  std::vector<float> values(kValues, -1);
  const PieceRange own = PiecesOf(kValues, Job().Rank(), Job().Count());
  for (std::int64_t i = own.begin; i < own.end; ++i)
    values[static_cast<std::size_t>(i)] = static_cast<float>(i);
  Job().Share(values.data(), counts);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], static_cast<float>(i));
}

TEST(RanksTogether, ExchangeBringsEachPartToItsRank) {
  const auto n = static_cast<std::size_t>(Job().Count()),
             rank = static_cast<std::size_t>(Job().Rank());
  std::vector<std::vector<double>> sent;
  for (std::size_t r = 0; r < n; ++r)
    sent.emplace_back(rank + 2 * r, static_cast<double>(10 * rank + r));
  const auto heard = Job().Exchange(sent);
  ASSERT_EQ(heard.size(), n);
  for (std::size_t r = 0; r < n; ++r)
    EXPECT_EQ(heard[r], std::vector<double>(r + 2 * rank, static_cast<double>(10 * r + rank)));
}

TEST(RanksTogether, ADisagreementIsTheSameErrorOnEveryRank) {
  Ranks again = Job();  // this test comes after others: its own first meeting
  EXPECT_NO_THROW(again.Agree("seed=1\n"));
  if (Job().Count() == 1) return;
  Ranks other = Job();
  const std::string mine =
      fmt::format("model=a\nseed={}\n", Job().Rank() == Job().Count() - 1 ? 2 : 1);
  ExpectError([&] { other.Agree(mine); },
              {fmt::format("rank {} of {}", Job().Count() - 1, Job().Count()),
               "has seed=2, rank 0 seed=1"});
}

TEST(RanksTogether, AnErrorOfOneRankReachesAllAndNamesIt) {
  if (Job().Count() == 1) return;
  Ranks again = Job();
  const bool bad = Job().Rank() == 1;
  ExpectError(
      [&] {
        if (bad)
          again.Check("no model");
        else
          again.Agree("seed=1\n");
      },
      {fmt::format("rank 1 of {}: no model", Job().Count())});
  Ranks all = Job();
  ExpectError([&] { all.Check("no model"); }, {"no model"});
}

TEST(RanksTogether, PiecesCoverEverythingOnce) {
  for (const std::int64_t count : {0, 1, 7, 64})
    for (const int ranks : {1, 2, 3, 100}) {
      std::int64_t next = 0;
      for (int r = 0; r < ranks; ++r) {
        const PieceRange part = PiecesOf(count, r, ranks);
        EXPECT_EQ(part.begin, next);
        next = part.end;
      }
      EXPECT_EQ(next, count);
    }
}

TEST(RanksTogether, ProcessorsAndMemoryAreDividedAmongRanksOfAMachine) {
  EXPECT_GE(AvailableThreads(), 1);
  for (const std::string& other : Job().Gather(std::to_string(AvailableThreads())))
    EXPECT_EQ(other, std::to_string(AvailableThreads()));
  const std::int64_t all = AvailableMemory();
  ShareMachine({2, AvailableThreads()});
  const std::int64_t half = AvailableMemory();
  ShareMachine({Job().Count(), AvailableThreads()});
  EXPECT_NEAR(static_cast<double>(half) / static_cast<double>(all), 0.5 * Job().Count(), 0.1);
}

}  // namespace
}  // namespace denoscope
