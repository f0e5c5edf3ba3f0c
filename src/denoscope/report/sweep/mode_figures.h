// Figures of single modes over noise level: each nothing when the run lacks what it shows.
#pragma once

#include <optional>

#include "denoscope/report/plots/figure.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {

// sin of the angle of v_k with PCA modes and with v_k at the smallest noise, dark = low k.
std::optional<Figure> AlignmentFigure(const RunContents& run, const Canvas& canvas);
// Eigenvalues of tracked modes of one image, crossings marked.
std::optional<Figure> TracksFigure(const RunContents& run, const Canvas& canvas);
// Resolved variance and what J foretells of it.
std::optional<Figure> LedgerFigure(const RunContents& run, const Canvas& canvas);

}  // namespace denoscope
