#include "denoscope/results/trajectory_record.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

// T = 2 states of `count` samples of 1x2x3, numbered through.
Path Numbered(std::int64_t count, float begin) {
  Path path;
  path.sigmas = Eigen::MatrixXd::Constant(2, count, begin);
  std::vector<float> values(static_cast<std::size_t>(2 * count * 6));
  std::iota(values.begin(), values.end(), begin);
  path.noisy = Array::From<float>({2, count, 1, 2, 3}, values);
  for (float& value : values) value = -value;
  path.denoised = Array::From<float>({2, count, 1, 2, 3}, values);
  path.diverged = Eigen::VectorXd::Constant(count, -1);
  path.finished = Eigen::VectorXd::Constant(count, 1);
  return path;
}

Trajectories Part(std::int64_t first, std::int64_t count, float begin) {
  Trajectories part;
  part.first = first;
  part.deep = Numbered(count, begin);
  part.linear = Numbered(count, begin + 1000);
  part.fixed = {Eigen::VectorXd::Constant(count, begin),
                Eigen::VectorXd::Zero(count),
                Eigen::MatrixXf::Constant(6, count, begin),
                Eigen::MatrixXf::Constant(6, count, begin + 1)};
  return part;
}

TEST(Trajectories, ComeBackFromTheirFile) {
  Trajectories written = Part(16, 3, 5);
  written.deep.diverged[1] = 7;
  const Trajectories read = TrajectoriesFromNpz(ToNpz(written), "file");
  EXPECT_EQ(read.first, 16);
  EXPECT_EQ(read.deep.sigmas, written.deep.sigmas);
  EXPECT_EQ(read.deep.noisy.bytes, written.deep.noisy.bytes);
  EXPECT_EQ(read.linear.denoised.bytes, written.linear.denoised.bytes);
  EXPECT_EQ(read.deep.WholeSamples(), (std::vector<Eigen::Index>{0, 2}));
  EXPECT_EQ(read.fixed.eigenvector, written.fixed.eigenvector);
  EXPECT_EQ(read.fixed.step_image, written.fixed.step_image);
  EXPECT_EQ(ImageShapeOf(read.deep), (Shape{1, 2, 3}));
}

TEST(Trajectories, PartsAreJoinedSampleBySample) {
  const Trajectories whole = Merged({Part(0, 2, 100), Part(2, 3, 500)});
  ASSERT_EQ(whole.deep.Samples(), 5);
  // Sample 1 of the second part at its second state: 500 + 3 * 6 + 6 .. + 11.
  const Eigen::MatrixXd state = StateOf(whole.deep.noisy, 1);
  for (Eigen::Index i = 0; i < 6; ++i) {
    EXPECT_EQ(state(i, 3), 500 + 18 + 6 + i);
    EXPECT_EQ(state(i, 0), 100 + 12 + i);
    EXPECT_EQ(StateOf(whole.linear.denoised, 0)(i, 4), -(1500 + 12 + i));
  }
  EXPECT_EQ(whole.fixed.eigenvalue, (Eigen::VectorXd(5) << 100, 100, 500, 500, 500).finished());
  EXPECT_EQ(whole.fixed.eigenvector(3, 1), 100);
}

TEST(Trajectories, FilesAndPartsThatDoNotFitAreNamed) {
  Npz npz = ToNpz(Part(0, 2, 1));
  npz["noisy"].shape = {2, 1, 2, 2, 3};
  ExpectError([&] { TrajectoriesFromNpz(npz, "cells/paths.npz"); },
              {"'cells/paths.npz'", "[2,1,2,2,3]", "[2,2,C,H,W]"});
  npz = ToNpz(Part(0, 2, 1));
  npz.erase("sigmas");
  ExpectError([&] { TrajectoriesFromNpz(npz, "cells/paths.npz"); }, {"no array 'sigmas'"});
  Trajectories other = Part(2, 2, 1);
  other.linear = {};
  ExpectError([&] { Merged({Part(0, 2, 1), other}); }, {"samples from 2"});
  ExpectError([] { Merged({}); }, {"there are none"});
}

}  // namespace
}  // namespace denoscope
