#include "denoscope/emergence/mode_tracks.h"

#include <gtest/gtest.h>

#include <cmath>

namespace denoscope {
namespace {

using Eigen::MatrixXf;

constexpr Eigen::Index kSize = 8;

// Noise levels 1, 2, .. with these eigenvectors and eigenvalues 0.9, 0.8, ..
std::vector<Cell> Levels(const std::vector<MatrixXf>& vectors) {
  std::vector<Cell> cells;
  for (std::size_t s = 0; s < vectors.size(); ++s) {
    Cell cell;
    cell.image = 5;
    cell.sigma_index = static_cast<std::int64_t>(s);
    cell.sigma = 1.0 + static_cast<double>(s);
    cell.deep.eigenvectors = vectors[s];
    cell.deep.eigenvalues = Eigen::VectorXd::LinSpaced(kSize, 0.9, 0.2);
    cell.deep.eigenvector_frequency = Eigen::VectorXd::LinSpaced(vectors[s].cols(), 1, 2);
    cells.push_back(cell);
  }
  return cells;
}

MatrixXf Unit(std::initializer_list<Eigen::Index> axes) {
  MatrixXf V = MatrixXf::Zero(kSize, static_cast<Eigen::Index>(axes.size()));
  Eigen::Index k = 0;
  for (const Eigen::Index axis : axes) V(axis, k++) = 1;
  return V;
}

std::vector<ModeTrack> Tracks(const std::vector<MatrixXf>& vectors) {
  const std::vector<Cell> cells = Levels(vectors);
  const std::vector<CellSeries> series = SeriesOf(cells);
  EXPECT_EQ(series.size(), 1u);
  return TrackModes(series[0]);
}

TEST(ModeTracks, FollowAModeThroughACrossing) {
  MatrixXf back = Unit({1, 0, 2});
  back.col(0) *= -1;  // a sign says nothing
  const auto tracks = Tracks({Unit({0, 1, 2}), back, Unit({1, 0, 2})});
  ASSERT_EQ(tracks.size(), 3u);
  const ModeTrack& first = tracks[0];
  ASSERT_EQ(first.points.size(), 3u);
  EXPECT_EQ(first.image, 5);
  EXPECT_EQ(first.points[1].k, 1);
  EXPECT_EQ(first.points[1].event, "crossing");
  EXPECT_EQ(first.points[2].event, "") << "it stays where it went";
  EXPECT_DOUBLE_EQ(first.points[1].eigenvalue, 0.8);
  EXPECT_FLOAT_EQ(first.points[2].to_start, 1);
  EXPECT_EQ(tracks[2].points[2].event, "");
  EXPECT_EQ(tracks[2].points[2].k, 2);
}

TEST(ModeTracks, SayWhenAModeSplitsAndWhenItIsLost) {
  MatrixXf mixed = Unit({0, 1, 2});  // columns of a rotation that spreads each axis over all three
  const float third = 1 / 3.0f, two_thirds = 2 / 3.0f;
  mixed.topRows(3) << third, two_thirds, two_thirds, two_thirds, third, -two_thirds, two_thirds,
      -two_thirds, third;
  const auto split = Tracks({Unit({0, 1, 2}), mixed});
  for (const ModeTrack& track : split) {
    EXPECT_EQ(track.points[1].event, "split");
    EXPECT_FLOAT_EQ(static_cast<float>(track.points[1].overlap), two_thirds);
    EXPECT_FLOAT_EQ(static_cast<float>(track.points[1].kept), 1);
  }
  const auto lost = Tracks({Unit({0, 1, 2}), Unit({0, 1, 7}), Unit({0, 1, 2})});
  EXPECT_EQ(lost[2].points[1].event, "lost");
  EXPECT_EQ(lost[2].points.size(), 2u) << "a track ends where it is lost";
  EXPECT_EQ(lost[0].points.size(), 3u);
}

TEST(ModeTracks, TableHasARowAPoint) {
  const Table table = TracksTable(Tracks({Unit({0, 1}), Unit({1, 0})}));
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[1][table.Column("event")], "crossing");
  EXPECT_EQ(table.rows[1][table.Column("k")], "1");
}

}  // namespace
}  // namespace denoscope
