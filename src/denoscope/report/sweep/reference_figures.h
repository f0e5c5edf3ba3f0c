// The denoiser beside what it is measured against.
#pragma once

#include <optional>

#include "denoscope/report/plots/figure.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {

// Resolved variance and gain by mode of the denoiser, Wiener, and every reference of the run, a
// panel each: what any shrinker shows is seen in all.
std::optional<Figure> ReferencesFigure(const RunContents& run, const Canvas& canvas);

// Eigenvectors of sym(J) at the first image, each followed across noise levels: a row a mode.
std::optional<Figure> TrackedSheet(const RunContents& run, const Canvas& canvas);

}  // namespace denoscope
