// Figures of a PCA study about bases learned from noisy samples.
#pragma once

#include <vector>

#include "denoscope/report/pca/pca_run.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

// sin(theta_k) against sigma, every mode.
Figure SinesFigure(const PcaRun& run, const Canvas& canvas);
// cos^2 of chosen modes beside three theories and the Gaussian twin, a figure for each n.
std::vector<Figure> TheoriesFigures(const PcaRun& run, const Canvas& canvas);
// Share of the true leading subspaces in the learned ones.
Figure SubspacesFigure(const PcaRun& run, const Canvas& canvas);
// Eigenvalues that leave the bulk of the noise.
Figure AboveEdgeFigure(const PcaRun& run, const Canvas& canvas);

}  // namespace denoscope
