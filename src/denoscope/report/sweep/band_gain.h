// The gain of the Jacobian by band of frequency and noise level.
#pragma once

#include <optional>

#include "denoscope/report/plots/figure.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {

// Heat maps of the denoiser and Wiener side by side, luma above chroma; nothing without cells.
std::optional<Figure> BandGainFigure(const RunContents& run, const Canvas& canvas);

}  // namespace denoscope
