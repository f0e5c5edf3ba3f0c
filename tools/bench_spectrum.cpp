#include "tools/bench_spectrum.h"

#include <fmt/format.h>
#include <lapacke.h>

#include <memory>

#include "denoscope/base/error.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/theory/emergence.h"

namespace denoscope {
namespace {

Eigen::MatrixXf RandomSymmetric(Eigen::Index d) {
  const Eigen::MatrixXf A = Eigen::MatrixXf::Random(d, d);
  return (A + A.transpose()) / 2;
}

// With the workspace of ssyevd's documentation: LAPACKE_ssyevd itself rounds its query for it in
// float32 and is refused by LAPACK from d = 2895 on.
double BareSeconds(Eigen::MatrixXf A) {
  Eigen::VectorXf values(A.rows());
  const auto d = static_cast<lapack_int>(A.rows());
  const lapack_int floats = 1 + 6 * d + 2 * d * d, integers = 3 + 5 * d;
  lapack_int info = 0;
  const double seconds = SecondsOf([&] {
    const std::unique_ptr<float[]> work(new float[static_cast<std::size_t>(floats)]);
    const std::unique_ptr<lapack_int[]> iwork(new lapack_int[static_cast<std::size_t>(integers)]);
    info = LAPACKE_ssyevd_work(LAPACK_COL_MAJOR,
                               'V',
                               'L',
                               d,
                               A.data(),
                               d,
                               values.data(),
                               work.get(),
                               floats,
                               iwork.get(),
                               integers);
  });
  if (info != 0) throw Error("ssyevd: returned {}", info);
  return seconds;
}

}  // namespace

Json BenchSpectrum(Eigen::Index d, int repeats) {
  const Eigen::MatrixXf A = RandomSymmetric(d);
  std::vector<double> ours, bare, ratios;
  double error = 0;
  for (int i = 0; i < repeats; ++i) {
    bare.push_back(BareSeconds(A));
    SymmetricEigen<float> eigen;
    ours.push_back(SecondsOf([&] { eigen = EigenSymmetric<float>(A); }));
    ratios.push_back(ours.back() / bare.back());
    error = (A * eigen.vectors - eigen.vectors * eigen.values.asDiagonal()).norm() / A.norm();
  }
  return {{"d", d},
          {"seconds", Quantile(ours, 0.5)},
          {"bare_seconds", Quantile(bare, 0.5)},
          {"ratio", Quantile(ratios, 0.5)},
          {"residual", error}};
}

}  // namespace denoscope
