// Eigenvectors of sym(J) followed across noise levels: the K leading ones at each level matched to
// those of the level below it by the best total overlap <v, v'>^2 (linalg/assignment.h).
#pragma once

#include <string>
#include <vector>

#include "denoscope/emergence/cell_groups.h"
#include "denoscope/files/csv.h"

namespace denoscope {

struct TrackPoint {
  double sigma = 0;
  std::int64_t k = 0;     // of the mode here, from 0
  double eigenvalue = 0;  // mu_k
  double frequency = 0;   // of v_k
  double overlap = 1;     // |<v, v'>| with the mode one level below
  double to_start = 1;    // |<v, v'>| with the mode at the smallest sigma
  double kept = 1;        // share of the mode below that the K here span
  std::string event;      // "", "crossing", "split" or "lost"
};

struct ModeTrack {
  std::int64_t image = 0, draw = 0, mode = 0;  // k at the smallest sigma
  std::vector<TrackPoint> points;              // a level each, up to the one at which it is lost
};

// crossing: it and another mode have changed places since the level below. split: less than half of
// it goes to any one mode, though at least half to the K together. lost: less than half is left in
// them; a track ends there.
std::vector<ModeTrack> TrackModes(const CellSeries& series);

Table TracksTable(const std::vector<ModeTrack>& tracks);

}  // namespace denoscope
