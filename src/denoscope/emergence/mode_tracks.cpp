#include "denoscope/emergence/mode_tracks.h"

#include <cmath>

#include "denoscope/linalg/assignment.h"
#include "denoscope/results/sweep_columns.h"

namespace denoscope {
namespace {

constexpr double kHalf = 0.5;

std::string EventOf(const TrackPoint& point, std::int64_t below) {
  if (point.kept < kHalf) return "lost";
  if (point.overlap * point.overlap < kHalf) return "split";
  return point.k == below ? "" : "crossing";
}

TrackPoint PointOf(const Cell& cell, std::int64_t k) {
  TrackPoint point;
  point.sigma = cell.sigma;
  point.k = k;
  point.eigenvalue = cell.deep.eigenvalues[k];
  point.frequency = cell.deep.eigenvector_frequency[k];
  return point;
}

}  // namespace

std::vector<ModeTrack> TrackModes(const CellSeries& series) {
  std::vector<ModeTrack> tracks;
  const Eigen::MatrixXf& start = series.front()->deep.eigenvectors;
  for (std::int64_t k = 0; k < start.cols(); ++k)
    tracks.push_back({series[0]->image, series[0]->draw, k, {PointOf(*series[0], k)}});
  for (std::size_t s = 1; s < series.size(); ++s) {
    const Eigen::MatrixXf& below = series[s - 1]->deep.eigenvectors;
    const Eigen::MatrixXf& here = series[s]->deep.eigenvectors;
    const Eigen::MatrixXd overlaps = (below.transpose() * here).cwiseAbs().cast<double>();
    const Eigen::VectorXi match = BestAssignment(overlaps.cwiseAbs2());
    for (ModeTrack& track : tracks) {
      if (track.points.size() != s || track.points.back().event == "lost") continue;
      const std::int64_t from = track.points.back().k, to = match[from];
      TrackPoint point = PointOf(*series[s], to);
      point.overlap = overlaps(from, to);
      point.kept = overlaps.row(from).squaredNorm();
      point.to_start = std::abs(start.col(track.mode).dot(here.col(to)));
      point.event = EventOf(point, from);
      track.points.push_back(point);
    }
  }
  return tracks;
}

Table TracksTable(const std::vector<ModeTrack>& tracks) {
  Table table = kSweepTracks.Empty();
  for (const ModeTrack& track : tracks)
    for (const TrackPoint& p : track.points)
      table.rows.push_back({std::to_string(track.image),
                            std::to_string(track.draw),
                            std::to_string(track.mode),
                            NumberText(p.sigma),
                            std::to_string(p.k),
                            NumberText(p.eigenvalue),
                            NumberText(p.frequency),
                            NumberText(p.overlap),
                            NumberText(p.to_start),
                            NumberText(p.kept),
                            p.event});
  return table;
}

}  // namespace denoscope
