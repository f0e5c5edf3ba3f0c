// Figures of curves over noise level or index: each nothing when the run lacks what it shows.
#pragma once

#include <optional>

#include "denoscope/report/plots/figure.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {

// Eigenvalues mu_k of sym(J) against k + 1, a colour a noise level.
std::optional<Figure> EigenvalueFigure(const RunContents& run, const Canvas& canvas);
// Mean squared error against sigma: noisy image, denoiser, Wiener.
std::optional<Figure> MseFigure(const RunContents& run, const Canvas& canvas);

}  // namespace denoscope
