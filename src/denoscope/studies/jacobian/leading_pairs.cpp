#include "tools/leading.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "denoscope/arrays/npy.h"
#include "denoscope/base/process.h"
#include "denoscope/files/json.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/linalg/ranked_operator.h"
#include "denoscope/linalg/stochastic.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

struct Stochastic {
  Estimate trace, trace_plus;  // Hutchinson's, Hutch++
  DiagonalEstimate diagonal;
  SpectralDensityEstimate density;
};

Array Numbers(const Eigen::VectorXd& x) { return Array::From<double>({x.size()}, x.data()); }

Array Images(const Eigen::MatrixXf& vectors, const Shape& image) {
  return Array::From<float>({vectors.cols(), image[0], image[1], image[2]}, vectors.data());
}

Stochastic Probe(const LinearOperator& J, std::int64_t probes, std::uint64_t seed) {
  const SymmetricPart symmetric(J);
  Stochastic s;
  s.trace = HutchinsonTrace(J, probes, seed);
  s.trace_plus = HutchPlusPlusTrace(J, std::max<std::int64_t>(4, probes), seed);
  s.diagonal = StochasticDiagonal(J, probes, seed);
  DensityOptions options;
  options.probes = std::min(probes, options.probes);
  options.seed = seed;
  s.density = SpectralDensity(symmetric, options);
  return s;
}

void AddTo(Npz& npz, const Stochastic& s, const Shape& image) {
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

struct Found {
  RitzPairs eigen;
  SingularTriplets svd;
  std::optional<Stochastic> stochastic;
  std::int64_t products = 0;     // with J and J^T, by all ranks
  std::int64_t bytes_heard = 0;  // by this rank from the others
};

// On every rank the same, each with its share of the products.
Found Find(const LeadingArguments& arguments,
           const LinearOperator& J,
           const KrylovOptions& options,
           std::uint64_t seed) {
  Ranks& ranks = Ranks::OfThisJob();
  const RankedOperator shared(J, ranks);
  Found found;
  shared.Together([&] {
    CheckMemory("jacobian",
                LeadingBytes(J.Rows(), options),
                fmt::format("{} leading pairs for d = {}", options.count, J.Rows()));
    found.eigen = LeadingEigenpairs(SymmetricPart(shared), options);
    found.svd = LeadingSingularTriplets(shared, options);
    if (arguments.probes > 0) found.stochastic = Probe(shared, arguments.probes, seed);
  });
  ranks.Disband();
  found.products = shared.Applications();
  found.bytes_heard = shared.BytesHeard();
  return found;
}

Npz ToNpz(const Found& found, const Shape& image) {
  const auto& [eigen, svd, stochastic, products, bytes] = found;
  Npz npz = {{"eigenvalues", Numbers(eigen.values)},
             {"eigenvectors", Images(eigen.vectors, image)},
             {"eigenvalue_residuals", Numbers(eigen.residuals)},
             {"eigenvector_angle_bounds", Numbers(eigen.angle_bounds)},
             {"singular_values", Numbers(svd.values)},
             {"left_vectors", Images(svd.left, image)},
             {"right_vectors", Images(svd.right, image)},
             {"singular_residuals", Numbers(svd.residuals)},
             {"singular_angle_bounds", Numbers(svd.angle_bounds)}};
  if (stochastic) AddTo(npz, *stochastic, image);
  // Whether eigenpairs and triplets have all converged; residuals say how far each has come.
  npz["complete"] = Array::From<std::uint8_t>(
      {2},
      std::vector<std::uint8_t>{static_cast<std::uint8_t>(eigen.complete ? 1 : 0),
                                static_cast<std::uint8_t>(svd.complete ? 1 : 0)});
  return npz;
}

void PrintPairs(const RitzPairs& eigen, const SingularTriplets& svd) {
  fmt::print("eigenpairs of sym(J): {}\nsingular triplets of J: {}\n", eigen.status, svd.status);
  fmt::print("   k  eigenvalue  residual   angle  singular value  residual   angle\n");
  for (Eigen::Index k = 0; k < eigen.values.size(); ++k)
    fmt::print("{:>4}  {:>10.6f}  {:8.1e}  {:6.4f}  {:>14.6f}  {:8.1e}  {:6.4f}\n",
               k,
               eigen.values[k],
               eigen.residuals[k],
               eigen.angle_bounds[k],
               svd.values[k],
               svd.residuals[k],
               svd.angle_bounds[k]);
}

void Print(const Stochastic& s) {
  fmt::print(
      "trace {:.3f} +- {:.3f} (Hutchinson), {:.3f} +- {:.3f} (Hutch++); spectrum of sym(J) "
      "from {:.4f} or less to {:.4f} or more\n",
      s.trace.value,
      s.trace.error,
      s.trace_plus.value,
      s.trace_plus.error,
      s.density.least,
      s.density.largest);
}

void Print(const Found& found, const std::string& out, Eigen::Index d, double seconds) {
  PrintPairs(found.eigen, found.svd);
  if (found.stochastic) Print(*found.stochastic);
  fmt::print("{}: {} products for d = {}, {:.2f} s\n", out, found.products, d, seconds);
  if (const int ranks = Ranks::OfThisJob().Count(); ranks > 1)
    fmt::print("by {} ranks, each of which heard {:.1f} MB, {:.1f} kB a product\n",
               ranks,
               1e-6 * static_cast<double>(found.bytes_heard),
               1e-3 * static_cast<double>(found.bytes_heard) / static_cast<double>(found.products));
}

Json ToJson(const Found& found, const std::string& out, Eigen::Index d, double seconds) {
  const auto& [eigen, svd, stochastic, products, bytes] = found;
  Json json = {{"out", out},
               {"d", d},
               {"eigenvalues", std::vector<double>(eigen.values.begin(), eigen.values.end())},
               {"singular_values", std::vector<double>(svd.values.begin(), svd.values.end())},
               {"complete", eigen.complete && svd.complete},
               {"eigenpairs", eigen.status},
               {"singular_triplets", svd.status},
               {"products", products},
               {"ranks", Ranks::OfThisJob().Count()},
               {"bytes_heard", bytes},
               {"seconds", seconds}};
  if (stochastic) {
    json["trace"] = {stochastic->trace.value, stochastic->trace.error};
    json["trace_hutchpp"] = {stochastic->trace_plus.value, stochastic->trace_plus.error};
  }
  return json;
}

}  // namespace

void AddLeadingFlags(CLI::App& command, LeadingArguments& arguments) {
  command.add_option("--top",
                     arguments.count,
                     "so many leading eigenpairs of sym(J) and singular triplets of J instead of "
                     "the matrix, to an NPZ file; with --engine krylov 32 unless given");
  command
      .add_option("--probes",
                  arguments.probes,
                  "with --top: so many random vectors for the trace, the diagonal and, from 16 of "
                  "them, the spectral density of sym(J), all with errors")
      ->capture_default_str();
}

KrylovOptions KrylovOptionsOf(const LeadingArguments& arguments, const SharedFlags& flags) {
  KrylovOptions options;
  options.count = arguments.count;
  options.seed = flags.seed;
  // A column at least for each rank.
  options.block = std::max<Eigen::Index>(options.block, Ranks::OfThisJob().Count());
  return options;
}

void RunLeading(const LeadingArguments& arguments,
                const LinearOperator& J,
                const Shape& image,
                const std::string& out,
                const SharedFlags& flags) {
  const KrylovOptions options = KrylovOptionsOf(arguments, flags);
  const auto start = std::chrono::steady_clock::now();
  const Found found = Find(arguments, J, options, flags.seed);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (!Ranks::OfThisJob().IsFirst()) return;
  WriteNpz(out, ToNpz(found, image));
  if (flags.json)
    fmt::print("{}\n", ToJson(found, out, J.Rows(), seconds.count()).dump(2));
  else
    Print(found, out, J.Rows(), seconds.count());
}

}  // namespace denoscope
