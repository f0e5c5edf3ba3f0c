// Eigen's vectors and matrices as arrays of a file, and back.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <utility>

#include "denoscope/arrays/npy.h"

namespace denoscope {

Array Doubles(const Eigen::VectorXd& v);
Array Scalar(double value);
Array Integer(std::int64_t value);
Array Text(const std::string& text);

template <typename Derived>
Array Rows(const Eigen::MatrixBase<Derived>& m) {  // shape (rows, cols)
  using T = typename Derived::Scalar;
  const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> r = m;
  return Array::From<T>({r.rows(), r.cols()}, r.data());
}

// Reads members of one file, naming the file when one is missing or has another shape. Views the
// file's arrays, which must outlive it.
class NpzReader {
 public:
  NpzReader(const Npz& npz, std::string source) : npz_(npz), source_(std::move(source)) {}

  bool Has(const std::string& name) const { return npz_.count(name) > 0; }
  const Array& Get(const std::string& name) const;
  double Number(const std::string& name) const;
  double NumberIf(const std::string& name) const;  // NaN without such an array
  std::int64_t Whole(const std::string& name) const;
  std::string Words(const std::string& name) const;         // of an array made by Text
  Eigen::VectorXd Vector(const std::string& name) const;    // of all elements
  Eigen::VectorXd VectorIf(const std::string& name) const;  // empty without such an array
  // From the first dimension and all the others together.
  Eigen::MatrixXd Matrix(const std::string& name) const;
  Eigen::MatrixXd MatrixIf(const std::string& name) const;

 private:
  const Npz& npz_;
  std::string source_;
};

}  // namespace denoscope
