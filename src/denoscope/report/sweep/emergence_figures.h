// Figures of PCA modes emerging as noise falls: each nothing without a training set.
#pragma once

#include <optional>

#include "denoscope/report/plots/figure.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {

// Left: resolved variance of chosen modes against sigma. Right: the noise level of their halving
// against frequency. Without an evaluation both show the gain relative to the smallest sigma.
std::optional<Figure> EmergenceFigure(const RunContents& run, const Canvas& canvas);
// Gain u_k^T J u_k of chosen modes against sigma.
std::optional<Figure> GainFigure(const RunContents& run, const Canvas& canvas);

}  // namespace denoscope
