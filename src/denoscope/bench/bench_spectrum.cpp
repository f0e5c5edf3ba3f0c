#include "denoscope/bench/bench_spectrum.h"

#include <ATen/Parallel.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <lapacke.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/base/quantile.h"
#include "denoscope/base/random.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/ranks/ranks.h"

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

// Columns orthonormal, from normal numbers.
Eigen::MatrixXf RandomOrthonormal(Eigen::Index d) {
  Eigen::MatrixXf Q(d, d);
  RandomStream random(1, "bench spectrum");
  for (float& entry : Q.reshaped()) entry = static_cast<float>(random.Normal());
  const auto n = static_cast<lapack_int>(d);
  std::vector<float> tau(static_cast<std::size_t>(d));
  LAPACKE_sgeqrf(LAPACK_COL_MAJOR, n, n, Q.data(), n, tau.data());
  LAPACKE_sorgqr(LAPACK_COL_MAJOR, n, n, n, Q.data(), n, tau.data());
  return Q;
}

Eigen::MatrixXf DecayingSymmetric(Eigen::Index d) {
  const Eigen::MatrixXf Q = RandomOrthonormal(d);
  Eigen::VectorXf lambda(d);
  for (Eigen::Index k = 0; k < d; ++k)
    lambda(k) = 1 / (1 + std::pow(static_cast<float>(k) / 30, 2.0F));
  const Eigen::MatrixXf scaled = Q * lambda.asDiagonal(), A = scaled * Q.transpose();
  return (A + A.transpose()) / 2;
}

// What one rank does while the others sleep, as a barrier of MPI would not let them.
class Turns {
 public:
  explicit Turns(const std::filesystem::path& folder) : folder_(folder) {}
  template <typename Work>
  void FirstAlone(const Work& work) {
    const std::filesystem::path mark = folder_ / std::to_string(turn_++);
    if (Ranks::OfThisJob().IsFirst()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      work();
      WriteFile(mark, "");
    }
    while (!std::filesystem::exists(mark))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    Ranks::OfThisJob().Gather("");
  }

 private:
  std::filesystem::path folder_;
  int turn_ = 0;
};

template <typename Scalar>
double LapackSeconds(const Eigen::MatrixXf& A, int threads, Eigen::VectorXd& values) {
  const int before = at::get_num_threads();
  at::set_num_threads(threads);
  SymmetricEigen<Scalar> eigen;
  Matrix<Scalar> S = A.cast<Scalar>();
  const double seconds = SecondsOf([&] { eigen = EigenSymmetric<Scalar>(std::move(S)); });
  values = eigen.values.template cast<double>();
  at::set_num_threads(before);
  return seconds;
}

// An open file of d x d float32.
class ScratchMatrix {
 public:
  explicit ScratchMatrix(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT, 0600)) {
    if (descriptor_ < 0) throw Error("file '{}': cannot be opened", path.string());
  }
  ~ScratchMatrix() { ::close(descriptor_); }
  ScratchMatrix(const ScratchMatrix&) = delete;
  ScratchMatrix& operator=(const ScratchMatrix&) = delete;
  MatrixInFile Place() const { return {descriptor_, 0, false}; }

 private:
  int descriptor_;
};

std::string Bytes(const Eigen::MatrixXf& A) {
  return {reinterpret_cast<const char*>(A.data()),
          static_cast<std::size_t>(A.size()) * sizeof(float)};
}

Json ErrorsOf(const Eigen::MatrixXf& A,
              const std::filesystem::path& vectors,
              const Eigen::VectorXd& values,
              const Eigen::VectorXd& lapack) {
  const Eigen::Index d = A.rows();
  const std::string bytes = ReadFile(vectors);
  const Eigen::MatrixXd V =
      Eigen::Map<const Eigen::MatrixXf>(reinterpret_cast<const float*>(bytes.data()), d, d)
          .cast<double>();
  const Eigen::MatrixXd AV = A.cast<double>() * V;
  return {{"values_error", (values - lapack).cwiseAbs().maxCoeff() / lapack.cwiseAbs().maxCoeff()},
          {"orthonormality_error",
           (V.transpose() * V - Eigen::MatrixXd::Identity(d, d)).cwiseAbs().maxCoeff()},
          {"residual", (AV - V * values.asDiagonal()).colwise().norm().maxCoeff()}};
}

// The same text on every rank.
std::string SharedText(const std::string& text) { return Ranks::OfThisJob().Gather(text)[0]; }

struct Samples {
  std::vector<double> elpa, elpa64, file, lapack, lapack64, ratios, ratios64;
};

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

Json BenchRankedSpectrum(Eigen::Index d, int repeats, const ElpaOptions& options) {
  namespace fs = std::filesystem;
  const Ranks& ranks = Ranks::OfThisJob();
  if (!CanUseElpa(ranks))
    throw Error("bench spectrum: on ranks it takes a program built with ELPA");
  const fs::path folder = SharedText(
      (fs::temp_directory_path() / fmt::format("denoscope-bench-{}", ::getpid())).string());
  if (ranks.IsFirst()) fs::create_directories(folder);
  const int threads = at::get_num_threads() * ranks.Count();
  Eigen::MatrixXf A;
  Turns turns(folder);
  turns.FirstAlone([&] {
    A = DecayingSymmetric(d);
    WriteFile(folder / "A", Bytes(A));
    WriteFile(folder / "V", "");
  });
  const ScratchMatrix in(folder / "A"), out(folder / "V");
  const BlockCyclic grid = BlockCyclic::Of(d, options.block, ranks, options.grid_rows);
  const Eigen::MatrixXd part64 = ReadSymmetricPart(in.Place(), grid, ranks);
  const Eigen::MatrixXf part = part64.cast<float>();
  Samples s;
  Eigen::VectorXd values, lapack, lapack64;
  for (int i = 0; i < repeats; ++i) {
    turns.FirstAlone([&] { s.lapack.push_back(LapackSeconds<float>(A, threads, lapack)); });
    turns.FirstAlone([&] { s.lapack64.push_back(LapackSeconds<double>(A, threads, lapack64)); });
    Eigen::MatrixXf used = part;
    s.elpa.push_back(SecondsOf([&] {
      ElpaEigen<float>(std::move(used), grid, ranks, true);
      ranks.Gather("");
    }));
    Eigen::MatrixXd used64 = part64;
    s.elpa64.push_back(SecondsOf([&] {
      ElpaEigen<double>(std::move(used64), grid, ranks, true, options.stages);
      ranks.Gather("");
    }));
    s.file.push_back(
        SecondsOf([&] { values = ElpaSpectrum(in.Place(), d, out.Place(), ranks, options); }));
    if (!ranks.IsFirst()) continue;
    s.ratios.push_back(s.lapack.back() / s.elpa.back());
    s.ratios64.push_back(s.lapack64.back() / s.elpa64.back());
  }
  Json json = {{"d", d},
               {"ranks", ranks.Count()},
               {"grid", {grid.grid_rows, grid.grid_cols}},
               {"block", grid.block},
               {"stages", options.stages},
               {"lapack_threads", threads}};
  turns.FirstAlone([&] {
    json.update({{"seconds", Quantile(s.elpa, 0.5)},
                 {"seconds64", Quantile(s.elpa64, 0.5)},
                 {"file_seconds", Quantile(s.file, 0.5)},
                 {"lapack_seconds", Quantile(s.lapack, 0.5)},
                 {"lapack64_seconds", Quantile(s.lapack64, 0.5)},
                 {"ratio", Quantile(s.ratios, 0.5)},
                 {"ratios", s.ratios},
                 {"ratio64", Quantile(s.ratios64, 0.5)}});
    json.update(ErrorsOf(A, folder / "V", values, lapack));
  });
  if (ranks.IsFirst()) fs::remove_all(folder);
  return json;
}

}  // namespace denoscope
