// Sheets of small pictures: each nothing without cells.
#pragma once

#include <optional>

#include "denoscope/report/plots/figure.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {

// PCA's u_k, then the leading eigenvectors v_k of sym(J) of the first image, a row a noise level.
std::optional<Figure> EigenvectorSheet(const RunContents& run, const Canvas& canvas);
// Clean, noisy and denoised images, a column a noise level.
std::optional<Figure> DenoisedSheet(const RunContents& run, const Canvas& canvas);

}  // namespace denoscope
