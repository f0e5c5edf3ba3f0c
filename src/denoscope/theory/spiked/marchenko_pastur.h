// The Marchenko-Pastur law: where the eigenvalues of a sample covariance lie when the true one is
// sigma^2 I. With d dimensions, n samples and gamma = d/n they fill [a,b], with the density
//   sqrt((b - x)(x - a)) / (2 pi gamma sigma^2 x),   a, b = sigma^2 (1 -+ sqrt(gamma))^2;
// for gamma > 1 a share 1 - 1/gamma of them is 0. In the angle phi of
//   x = sigma^2 (1 + gamma - 2 sqrt(gamma) cos(phi)),   0 <= phi <= pi,
// the density is 2 sin^2(phi) / (pi (1 + gamma - 2 sqrt(gamma) cos(phi))), whose integral is
// elementary; the quantile is a bisection over phi. A limit for d, n -> infinity: at finite size
// the edges are blurred by about sigma^2 n^(-2/3). Centred on their mean, n samples count as n - 1.
// Source: Marchenko & Pastur 1967; the integral by hand.
#pragma once

namespace denoscope {

class MarchenkoPastur {
 public:
  explicit MarchenkoPastur(double gamma, double sigma = 1);  // both finite and > 0, or it throws

  double LowerEdge() const;  // a
  double UpperEdge() const;  // b
  double AtomAtZero() const;
  double Density(double x) const;   // of the continuous part; infinite at x = 0 for gamma = 1
  double Cdf(double x) const;       // share of the eigenvalues <= x, the atom included
  double Quantile(double p) const;  // the smallest x with Cdf(x) >= p, p in [0,1]

 private:
  double Integral(double phi) const;

  double gamma_, root_, variance_;  // root_ = sqrt(gamma), variance_ = sigma^2
};

}  // namespace denoscope
