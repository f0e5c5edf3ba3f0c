#include "denoscope/studies/jacobian/leading_pairs.h"

#include <fmt/format.h>

#include <algorithm>

#include "denoscope/base/process.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/linalg/ranked_operator.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

Array Numbers(const Eigen::VectorXd& x) { return Array::From<double>({x.size()}, x.data()); }

Array Images(const Eigen::MatrixXf& vectors, const Shape& image) {
  return Array::From<float>({vectors.cols(), image[0], image[1], image[2]}, vectors.data());
}

StochasticFindings Probe(const LinearOperator& J, std::int64_t probes, std::uint64_t seed) {
  const SymmetricPart symmetric(J);
  StochasticFindings s;
  s.trace = HutchinsonTrace(J, probes, seed);
  s.trace_plus = HutchPlusPlusTrace(J, std::max<std::int64_t>(4, probes), seed);
  s.diagonal = StochasticDiagonal(J, probes, seed);
  DensityOptions options;
  options.probes = std::min(probes, options.probes);
  options.seed = seed;
  s.density = SpectralDensity(symmetric, options);
  return s;
}

void AddTo(Npz& npz, const StochasticFindings& s, const Shape& image) {
  const auto pair = [](const Estimate& e) {
    return Array::From<double>({2}, std::vector<double>{e.value, e.error});
  };
  const auto picture = [&](const Eigen::VectorXd& x) {
    return Array::From<double>({image[0], image[1], image[2]}, x.data());
  };
  npz["trace"] = pair(s.trace);
  npz["trace_hutchpp"] = pair(s.trace_plus);
  npz["diagonal"] = picture(s.diagonal.values);
  npz["diagonal_errors"] = picture(s.diagonal.errors);
  npz["density_grid"] = Numbers(s.density.grid);
  npz["density"] = Numbers(s.density.density);
  npz["density_errors"] = Numbers(s.density.density_errors);
}

}  // namespace

KrylovOptions KrylovOptionsOf(const LeadingOptions& leading) {
  KrylovOptions options;
  options.count = leading.count;
  options.seed = leading.seed;
  // A column at least for each rank.
  options.block = std::max<Eigen::Index>(options.block, Ranks::OfThisJob().Count());
  return options;
}

LeadingPairs FindLeading(const LinearOperator& J, const LeadingOptions& leading) {
  const KrylovOptions options = KrylovOptionsOf(leading);
  Ranks& ranks = Ranks::OfThisJob();
  LeadingPairs found;
  found.seconds = SecondsOf([&] {
    const RankedOperator shared(J, ranks);
    shared.Together([&] {
      CheckMemory("jacobian",
                  LeadingBytes(J.Rows(), options),
                  fmt::format("{} leading pairs for d = {}", options.count, J.Rows()));
      found.eigen = LeadingEigenpairs(SymmetricPart(shared), options);
      found.svd = LeadingSingularTriplets(shared, options);
      if (leading.probes > 0) found.stochastic = Probe(shared, leading.probes, leading.seed);
    });
    ranks.Disband();
    found.products = shared.Applications();
    found.bytes_heard = shared.BytesHeard();
  });
  return found;
}

Npz ToNpz(const LeadingPairs& found, const Shape& image) {
  const RitzPairs& eigen = found.eigen;
  const SingularTriplets& svd = found.svd;
  Npz npz = {{"eigenvalues", Numbers(eigen.values)},
             {"eigenvectors", Images(eigen.vectors, image)},
             {"eigenvalue_residuals", Numbers(eigen.residuals)},
             {"eigenvector_angle_bounds", Numbers(eigen.angle_bounds)},
             {"singular_values", Numbers(svd.values)},
             {"left_vectors", Images(svd.left, image)},
             {"right_vectors", Images(svd.right, image)},
             {"singular_residuals", Numbers(svd.residuals)},
             {"singular_angle_bounds", Numbers(svd.angle_bounds)}};
  if (found.stochastic) AddTo(npz, *found.stochastic, image);
  // Whether eigenpairs and triplets have all converged; residuals say how far each has come.
  npz["complete"] = Array::From<std::uint8_t>(
      {2},
      std::vector<std::uint8_t>{static_cast<std::uint8_t>(eigen.complete ? 1 : 0),
                                static_cast<std::uint8_t>(svd.complete ? 1 : 0)});
  return npz;
}

}  // namespace denoscope
