#include "denoscope/studies/jacobian/whole_spectrum.h"

#include <ATen/Parallel.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>

#include "denoscope/arrays/mapped_array.h"
#include "denoscope/arrays/npy.h"
#include "denoscope/arrays/npy_header.h"
#include "denoscope/arrays/partial_npy.h"
#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/elpa_spectrum.h"
#include "denoscope/ranks/meeting.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

// A finished square matrix of float32 or float64, open to be read.
class MatrixFile {
 public:
  explicit MatrixFile(const fs::path& path) : array_(MapNpy(path)) {
    const Shape& shape = array_.shape;
    if (shape.size() != 2 || shape[0] != shape[1] || shape[0] == 0 ||
        (array_.type != ElementType::kFloat32 && array_.type != ElementType::kFloat64))
      throw Error("file '{}': holds {} {}, expected a square matrix of float32 or float64",
                  path.string(),
                  ElementName(array_.type),
                  ShapeText(shape));
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) throw Error("file '{}': cannot be opened", path.string());
    offset_ = static_cast<std::int64_t>(fs::file_size(path) - ByteCount(array_.type, shape));
  }
  ~MatrixFile() { ::close(descriptor_); }
  MatrixFile(const MatrixFile&) = delete;
  MatrixFile& operator=(const MatrixFile&) = delete;

  Eigen::Index Size() const { return array_.shape[0]; }
  ElementType Type() const { return array_.type; }
  const void* Data() const { return array_.data.get(); }
  MatrixInFile Place() const { return {descriptor_, offset_, Type() == ElementType::kFloat64}; }

 private:
  MappedArray array_;
  int descriptor_ = -1;
  std::int64_t offset_ = 0;
};

template <typename Scalar>
Eigen::VectorXd ByLapack(const MatrixFile& file, const std::string& vectors) {
  const Eigen::Index d = file.Size();
  // The matrix, twice as much to work in, and the vectors' way into a file.
  CheckMemory("spectrum",
              static_cast<std::int64_t>(sizeof(Scalar)) * d * d * (vectors.empty() ? 1 : 4),
              fmt::format("d = {}, by LAPACK in one process; by mpirun ranks share it", d));
  const Eigen::Map<const Matrix<Scalar>> J(static_cast<const Scalar*>(file.Data()), d, d);
  Matrix<Scalar> S = (J + J.transpose()) / 2;
  if (vectors.empty()) return EigenvaluesSymmetric(std::move(S)).template cast<double>();
  const auto eigen = EigenSymmetric(std::move(S));
  WriteNpy(vectors, Array::From<Scalar>({d, d}, eigen.vectors.data()));
  return eigen.values.template cast<double>();
}

// The file of vectors is made by rank 0, opened by the others and written by all.
Eigen::VectorXd ByElpa(const MatrixFile& file, const std::string& vectors, const Ranks& ranks) {
  const Meeting meeting(ranks);
  std::optional<PartialNpy> out;
  if (vectors.empty()) return ElpaSpectrum(file.Place(), file.Size(), std::nullopt, ranks);
  meeting.Step([&] {
    out.emplace(
        NpyTarget{vectors, "eigenvectors", true}, file.Type(), Shape{file.Size(), file.Size()}, 1);
    if (ranks.IsFirst()) out->Open();
  });
  try {
    meeting.Step([&] {
      if (!ranks.IsFirst()) out->Join();
    });
    const MatrixInFile place = {out->Descriptor(),
                                static_cast<std::int64_t>(out->Offset()),
                                file.Type() == ElementType::kFloat64};
    const Eigen::VectorXd values = ElpaSpectrum(file.Place(), file.Size(), place, ranks);
    meeting.Step([&] {
      if (::fsync(out->Descriptor()) != 0) out->Fail("cannot write");
    });
    meeting.Step([&] {
      out->SetDone(0);
      if (ranks.IsFirst()) out->Finish();
    });
    return values;
  } catch (...) {
    if (ranks.IsFirst()) out->Remove();
    throw;
  }
}

}  // namespace

WrittenSpectrum WriteSpectrum(const fs::path& matrix, const SpectrumFiles& files) {
  const Ranks& ranks = Ranks::OfThisJob();
  const Meeting meeting(ranks);
  std::optional<MatrixFile> file;
  meeting.Step([&] { file.emplace(matrix); });
  const auto start = std::chrono::steady_clock::now();
  Eigen::VectorXd values;
  if (ranks.Count() > 1)
    values = ByElpa(*file, files.vectors, ranks);
  else if (file->Type() == ElementType::kFloat64)
    values = ByLapack<double>(*file, files.vectors);
  else
    values = ByLapack<float>(*file, files.vectors);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  meeting.Step([&] {
    if (ranks.IsFirst())
      WriteNpy(files.values, Array::From<double>({values.size()}, values.data()));
  });
  return {values.size(),
          values(0),
          values(values.size() - 1),
          ranks.Count() > 1 ? fmt::format("ELPA on {} ranks", ranks.Count()) : "LAPACK",
          seconds.count()};
}

WrittenSpectrum WriteSpectrumOfFile(const fs::path& matrix, const SpectrumFiles& files) {
  Ranks& ranks = Ranks::OfThisJob();
  ranks.Agree(fmt::format("matrix={} {}\nspectrum={} {}\nthreads={}\n",
                          matrix.string(),
                          ShapeText(MapNpy(matrix).shape),
                          files.values,
                          files.vectors,
                          at::get_num_threads()));
  WrittenSpectrum written;
  Meeting(ranks).Together([&] { written = WriteSpectrum(matrix, files); });
  return written;
}

}  // namespace denoscope
