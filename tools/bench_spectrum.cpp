#include "tools/bench_spectrum.h"

#include <fmt/format.h>
#include <lapacke.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {
namespace {

using Clock = std::chrono::steady_clock;
double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double Median(std::vector<double> x) {
  std::nth_element(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2), x.end());
  return x[x.size() / 2];
}

Eigen::MatrixXf RandomSymmetric(Eigen::Index d) {
  const Eigen::MatrixXf A = Eigen::MatrixXf::Random(d, d);
  return (A + A.transpose()) / 2;
}

// With the workspace of ssyevd's documentation: LAPACKE_ssyevd itself rounds its query for it in
// float32 and is refused by LAPACK from d = 2895 on.
double BareSeconds(Eigen::MatrixXf A) {
  Eigen::VectorXf values(A.rows());
  const auto d = static_cast<lapack_int>(A.rows());
  const auto start = Clock::now();
  const lapack_int floats = 1 + 6 * d + 2 * d * d, integers = 3 + 5 * d;
  const std::unique_ptr<float[]> work(new float[static_cast<std::size_t>(floats)]);
  const std::unique_ptr<lapack_int[]> iwork(new lapack_int[static_cast<std::size_t>(integers)]);
  const lapack_int info = LAPACKE_ssyevd_work(LAPACK_COL_MAJOR,
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
  if (info != 0) throw Error("ssyevd: returned {}", info);
  return Since(start);
}

}  // namespace

Json BenchSpectrum(Eigen::Index d, int repeats) {
  const Eigen::MatrixXf A = RandomSymmetric(d);
  std::vector<double> ours, bare, ratios;
  double error = 0;
  for (int i = 0; i < repeats; ++i) {
    bare.push_back(BareSeconds(A));
    const auto start = Clock::now();
    const SymmetricEigen<float> eigen = EigenSymmetric<float>(A);
    ours.push_back(Since(start));
    ratios.push_back(ours.back() / bare.back());
    error = (A * eigen.vectors - eigen.vectors * eigen.values.asDiagonal()).norm() / A.norm();
  }
  return {{"d", d},
          {"seconds", Median(ours)},
          {"bare_seconds", Median(bare)},
          {"ratio", Median(ratios)},
          {"residual", error}};
}

}  // namespace denoscope
