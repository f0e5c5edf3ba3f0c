// Figures of whole Jacobians over noise level: each nothing when the run lacks what it shows.
#pragma once

#include <optional>

#include "denoscope/report/plots/figure.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {

// Asymmetry and what may be its cause; how far J speaks for D; how far J travels.
std::optional<Figure> JacobianLevelsFigure(const RunContents& run, const Canvas& canvas);
// Gains at one noise level foretold from another by the Gaussian time update.
std::optional<Figure> TimeUpdateFigure(const RunContents& run, const Canvas& canvas);

}  // namespace denoscope
