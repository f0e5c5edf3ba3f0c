// Spiked covariance: what PCA of n noisy samples sees of a few strong directions.
//
// Samples y = x + sigma z in d dimensions, Cov x = sum_k lambda_k u_k u_k^T of low rank, z white.
// gamma = d/n, t = lambda/sigma^2 the strength of a spike, (L, u_hat) a leading eigenpair of the
// sample covariance. For d, n -> infinity with gamma fixed, above the threshold t > sqrt(gamma):
//   L / sigma^2  ->  (1 + t)(1 + gamma/t),
//   cos^2 = <u_hat, u>^2  ->  (1 - gamma/t^2) / (1 + gamma/t);
// at or below it L sticks to the edge (1 + sqrt(gamma))^2 of the noise (marchenko_pastur.h) and
// cos^2 -> 0: PCA then returns a direction of the noise. cos^2 is 1/2 at t = [gamma + sqrt(gamma^2
// + 8 gamma)] / 2. Any gamma > 0. Spikes do not see each other in this limit: it holds for few,
// well separated ones; crowded spectra need anisotropic_spikes.h. At finite size the transition is
// smooth over |t/sqrt(gamma) - 1| of about n^(-1/3).
//
// A denoiser g u_hat u_hat^T y on the estimated direction errs, out of sample and for rank 1, by
//   E|x - D|^2 / sigma^2 = t - 2 g t c2 + g^2 (t c2 + 1),   c2 = cos^2,
// least at g = t c2 / (t c2 + 1). The Wiener gain t/(1+t), right for the true direction, and the
// projection's 1 are both too large.
//
// Sources: Baik, Ben Arous & Peche 2005 (threshold); Baik & Silverstein 2006 (eigenvalues, any
// gamma); Paul 2007, Nadler 2008 (cos^2); Donoho, Gavish & Johnstone 2018, sec. 1 (inversion).
#pragma once

namespace denoscope {

double VisibleStrength(double gamma);                      // sqrt(gamma): spikes above it are seen
double CriticalSigma(double lambda, double gamma);         // the same as a noise level
double SpikeEigenvalue(double strength, double gamma);     // L / sigma^2, the edge when not visible
double SpikeAlignment(double strength, double gamma);      // cos^2, 0 when not visible
double AligningStrength(double gamma);                     // t at which cos^2 = 1/2
double AligningSigma(double lambda, double gamma);         // the same as a noise level
double DebiasedStrength(double eigenvalue, double gamma);  // t from L / sigma^2; 0 within the bulk

double WienerGain(double strength);                       // t / (1 + t), the true direction's
double EstimatedGain(double strength, double alignment);  // t c2 / (t c2 + 1), the best
struct EstimatedDirection {
  double strength = 0;   // t >= 0
  double alignment = 0;  // c2 in [0,1]
};
// E|x - g u_hat u_hat^T y|^2 / sigma^2 on fresh samples.
double GainError(double gain, const EstimatedDirection& direction);

}  // namespace denoscope
