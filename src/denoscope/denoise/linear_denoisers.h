// Denoisers in closed form, fitted to n images of d = C H W pixels: their Jacobians are known. Each
// is named linear:wiener (linear:wiener:n of a few), linear:projection:R, linear:shrunk:n,
// linear:empirical:n or linear:mixture:K:n.
//
// The first three are D(y) = m + V diag(g) V^T (y - m), J = V diag(g) V^T, in modes of PCA:
//   wiener      V the modes of the images, g = lambda/(lambda + sigma^2) (wiener.h): the best;
//   projection  V the leading R of them, g = 1, at any sigma (linear_gains.h);
//   shrunk      all that is left to who sees n noisy images alone, at the noise at hand: mean and V
//               of their PCA (pca_of_noisy.h), g = e/(e + sigma^2), e from their eigenvalues
//               (DebiasedVariances; 0 within the noise). Where true eigenvalues crowd, e is a
//               guess.
// The last two are not linear:
//   empirical   the weighted mean of the images, J their weighted covariance / sigma^2
//               (empirical_denoiser.h): it memorises;
//   mixture     the optimum if images come from a mixture of K Gaussians (mixture_denoiser.h), each
//               fitted to a cluster of the images (mixture_fit.h): it decides which, then shrinks.
#pragma once

#include <memory>
#include <string>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/theory/optimal/mixture_denoiser.h"
#include "denoscope/theory/pca/pca.h"
#include "denoscope/theory/pca/sample_source.h"

namespace denoscope {

// A PCA is of images of this shape, whole: basis (d,d).
std::unique_ptr<Denoiser> MakeWienerDenoiser(std::shared_ptr<const Pca> pca,
                                             ImageShape shape,
                                             const std::string& name = "linear:wiener");

// Throws unless 1 <= rank <= the modes that vary: at most min(d, n - 1).
std::unique_ptr<Denoiser> MakeProjectionDenoiser(std::shared_ptr<const Pca> pca,
                                                 ImageShape shape,
                                                 Eigen::Index rank);

// The noise of the n images is the same in every run. A noise level is learned when it is first
// met, in 0.3 s at d = 784, and the latest 32 are kept, 8 d^2 bytes each: one thread at a time.
std::unique_ptr<Denoiser> MakeShrunkDenoiser(std::shared_ptr<const Pca> pca, ImageShape shape);

// Reads the images (d,n) once and keeps them in float64, 8 n d bytes: a log weight is a difference
// of numbers of |x|^2/sigma^2, and errs by 1e-16 of that. Computes in float64 whatever the type.
std::unique_ptr<Denoiser> MakeEmpiricalDenoiser(const SampleSource& images, ImageShape shape);

// Copies the mixture, 8 d^2 bytes a component. Computes in float64 whatever the type.
std::unique_ptr<Denoiser> MakeMixtureDenoiser(const GaussianMixture& mixture, ImageShape shape);

}  // namespace denoscope
