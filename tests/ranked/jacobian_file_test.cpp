#include "denoscope/jacobian/jacobian_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <numeric>
#include <optional>

#include "denoscope/arrays/npy.h"
#include "denoscope/base/cancel.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "denoscope/ranks/meeting.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

const ProgressSink kNoProgress = [](const Progress&) {};

Ranks& Job() { return Ranks::OfThisJob(); }

// One folder of all ranks.
class SharedDir {
 public:
  SharedDir() {
    if (Job().IsFirst()) own_.emplace();
    path_ = Job().Gather(own_ ? own_->Path().string() : "")[0];
  }
  ~SharedDir() { Job().Gather(""); }  // the others are done with it
  std::filesystem::path Path(const std::string& name) const { return path_ / name; }

 private:
  std::optional<TempDir> own_;
  std::filesystem::path path_;
};

// Rows i of every third, in an order of their own, of J(i,j) = sin(i + 2 j).
class SineBlocks final : public RowBlocks {
 public:
  explicit SineBlocks(std::int64_t d) : d_(d) {}
  std::int64_t Rows() const override { return d_; }
  std::int64_t Cols() const override { return d_; }
  at::TensorOptions Options() const override { return at::kFloat; }
  std::int64_t Count() const override { return 3; }
  std::vector<std::int64_t> RowsOf(std::int64_t block) const override {
    std::vector<std::int64_t> rows;
    for (std::int64_t i = d_ - 1; i >= 0; --i)
      if (i / 2 % 3 == block) rows.push_back(i % 2 == 0 ? std::min(i + 1, d_ - 1) : i - 1);
    return rows;
  }
  void Compute(std::int64_t block, const at::Tensor& J) override {
    ++computed;
    for (const std::int64_t i : RowsOf(block))
      J[i].copy_((at::arange(d_, at::kFloat) * 2 + static_cast<double>(i)).sin());
  }
  int computed = 0;

 private:
  std::int64_t d_;
};

std::optional<JacobianSummary> Write(RowBlocks& rows,
                                     const std::filesystem::path& path,
                                     const ProgressSink& progress = kNoProgress,
                                     bool force = false) {
  const auto summary = WriteJacobianTogether(rows, {path, "job", force}, progress, [] {});
  Meeting(Job()).Step([] {});
  return summary;
}

TEST(WriteJacobianTogether, IsTheFileOfOneProcess) {
  const SharedDir dir;
  at::set_num_threads(1);
  const auto denoiser = TinyDenoiser(TinyDescription("conditioned"));
  torch::manual_seed(4);
  const DenseBlocks blocks = MakeDenseBlocks(*denoiser, torch::rand({1, 12, 8}), 0.2, {16});
  const auto summary = Write(*blocks.rows, dir.Path("J.npy"));
  EXPECT_EQ(summary.has_value(), Job().IsFirst());
  if (!Job().IsFirst()) return;
  const JacobianSummary alone =
      WriteJacobian(*blocks.rows, {dir.Path("twin.npy"), "job"}, kNoProgress);
  EXPECT_EQ(ReadFile(dir.Path("J.npy")), ReadFile(dir.Path("twin.npy")));
  EXPECT_EQ(summary->trace, alone.trace);
  EXPECT_EQ(summary->asymmetry, alone.asymmetry);
}

TEST(WriteJacobianTogether, RowsInAnyOrderComeToTheirPlaces) {
  const SharedDir dir;
  SineBlocks rows(11);
  Write(rows, dir.Path("J.npy"));
  if (!Job().IsFirst()) return;
  const torch::Tensor J = ToTensor(ReadNpy(dir.Path("J.npy")));
  for (std::int64_t i = 0; i < 11; ++i)
    EXPECT_TRUE(torch::equal(J[i], (at::arange(11, at::kFloat) * 2 + static_cast<double>(i)).sin()))
        << "row " << i;
}

// One rank begins, all go on, and the blocks that are done are not computed again.
TEST(WriteJacobianTogether, GoesOnWithWhatAnotherNumberOfRanksLeft) {
  const SharedDir dir;
  SineBlocks rows(11);
  const auto stop_after_one = [](const Progress& p) {
    if (p.done == 1) RequestCancel();
  };
  if (Job().IsFirst()) {
    EXPECT_THROW(WriteJacobian(rows, {dir.Path("J.npy"), "job"}, stop_after_one), Interrupted);
    ClearCancel();
    EXPECT_EQ(rows.computed, 1);
  }
  Job().Gather("");
  Write(rows, dir.Path("J.npy"));
  int computed = 0;
  for (const std::string& text : Job().Gather(std::to_string(rows.computed)))
    computed += std::stoi(text);
  EXPECT_EQ(computed, 3);
}

TEST(WriteJacobianTogether, ABlockThatItsRankGaveUpIsTakenOver) {
  const SharedDir dir;
  SineBlocks rows(11);
  const bool leaves = Job().Rank() == Job().Count() - 1 && Job().Count() > 1;
  const auto progress = [&](const Progress&) {
    if (leaves) RequestCancel();
  };
  if (leaves)
    EXPECT_THROW(WriteJacobianTogether(rows, {dir.Path("J.npy"), "job"}, progress, [] {}),
                 Interrupted);
  else
    WriteJacobianTogether(rows, {dir.Path("J.npy"), "job"}, progress, [] {});
  ClearCancel();
  Job().Gather("");
  EXPECT_TRUE(std::filesystem::exists(dir.Path("J.npy")));
}

TEST(WriteJacobianTogether, RanksOfAnotherJobAreRefusedOnAll) {
  const SharedDir dir;
  SineBlocks rows(11);
  if (Job().IsFirst()) WriteFile(dir.Path("J.npy.partial"), "");
  if (Job().IsFirst()) WriteFile(dir.Path("J.npy.partial-pieces"), "another job\n1\n");
  Job().Gather("");
  ExpectError([&] { Write(rows, dir.Path("J.npy")); }, {"J.npy.partial", "another unfinished job"});
  EXPECT_NO_THROW(Write(rows, dir.Path("J.npy"), kNoProgress, true));
}

}  // namespace
}  // namespace denoscope
