#include "denoscope/jacobian/jacobian_file.h"

#include <gtest/gtest.h>

#include "denoscope/arrays/npy.h"
#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/sparse_room.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

const ProgressSink kNoProgress = [](const Progress&) {};

DenseBlocks Blocks(const Denoiser& denoiser) {
  torch::manual_seed(4);
  return MakeDenseBlocks(denoiser, torch::rand({1, 12, 8}), 0.2, {16});
}

TEST(WriteJacobian, WritesTheDenseJacobianAndItsSummary) {
  const TempDir temp;
  const auto denoiser = TinyDenoiser(TinyDescription("conditioned"));
  const JacobianSummary summary =
      WriteJacobian(*Blocks(*denoiser).rows, {temp.Path("J.npy"), "job"}, kNoProgress);
  const torch::Tensor J = ToTensor(ReadNpy(temp.Path("J.npy")));
  EXPECT_TRUE(torch::equal(J, AllRows(*Blocks(*denoiser).rows)));
  EXPECT_NEAR(summary.trace, J.trace().item<double>(), 1e-5 * std::abs(summary.trace));
  EXPECT_NEAR(summary.asymmetry, ((J - J.t()).norm() / J.norm()).item<double>(), 1e-5);
}

// Cancelled by the sink after a few blocks: these are not computed again.
TEST(WriteJacobian, KeepsFinishedBlocksWhenInterrupted) {
  const TempDir temp;
  const auto denoiser = TinyDenoiser(TinyDescription("conditioned"));
  const std::string path = temp.Path("J.npy");
  const auto stop_after_two = [](const Progress& p) {
    if (p.done == 2) RequestCancel();
  };
  EXPECT_THROW(WriteJacobian(*Blocks(*denoiser).rows, {path, "job"}, stop_after_two), Interrupted);
  ClearCancel();
  EXPECT_FALSE(std::filesystem::exists(path));
  std::int64_t before = -1;
  WriteJacobian(*Blocks(*denoiser).rows, {path, "job"}, [&](const Progress& p) {
    if (before < 0) before = p.done;
  });
  EXPECT_EQ(before, 2);
  WriteJacobian(*Blocks(*denoiser).rows, {temp.Path("twin.npy"), "job"}, kNoProgress);
  EXPECT_EQ(ReadFile(path), ReadFile(temp.Path("twin.npy")));
}

// Beyond one tile, and with a last tile that is cut.
TEST(Summarise, AgreesWithWholeMatrices) {
  torch::manual_seed(1);
  const torch::Tensor J = torch::randn({1100, 1100});
  const JacobianSummary summary = Summarise(J);
  EXPECT_NEAR(summary.trace, J.to(torch::kFloat64).trace().item<double>(), 1e-4);
  EXPECT_NEAR(summary.asymmetry, ((J - J.t()).norm() / J.norm()).item<double>(), 1e-5);
  const torch::Tensor symmetric = J + J.t();
  EXPECT_EQ(Summarise(symmetric).asymmetry, 0);
}

TEST(SparseRoom, OfAHugeMatrixTakesTheMemoryOfWhatIsWritten) {
  constexpr std::int64_t d = 196608;  // 155 GB
  const std::int64_t before = AvailableMemory();
  SparseRoom room(d, d, torch::kFloat32);
  room.J()[d - 1].fill_(1);
  EXPECT_EQ(room.J()[d - 1][5].item<float>(), 1);
  EXPECT_EQ(room.J()[3][4].item<float>(), 0);
  EXPECT_GT(AvailableMemory(), before / 2);
  room.GiveBack();
  EXPECT_EQ(room.J()[d - 1][5].item<float>(), 0);
}

}  // namespace
}  // namespace denoscope
