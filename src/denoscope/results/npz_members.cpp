#include "denoscope/results/npz_members.h"

#include <limits>

namespace denoscope {

Array Doubles(const Eigen::VectorXd& v) { return Array::From<double>({v.size()}, v.data()); }

Array Scalar(double value) { return Array::From<double>({}, &value); }

Array Integer(std::int64_t value) { return Array::From<std::int64_t>({}, &value); }

Array Text(const std::string& text) {
  return Array::From<std::uint8_t>({static_cast<std::int64_t>(text.size())},
                                   reinterpret_cast<const std::uint8_t*>(text.data()));
}

const Array& NpzReader::Get(const std::string& name) const {
  const auto found = npz_.find(name);
  if (found == npz_.end()) throw Error("record '{}': has no array '{}'", source_, name);
  return found->second;
}

double NpzReader::Number(const std::string& name) const {
  const Array& a = Get(name);
  if (ElementCount(a.shape) != 1)
    throw Error("record '{}': array '{}' has shape {}, expected one number",
                source_,
                name,
                ShapeText(a.shape));
  return a.AsDoubles()[0];
}

double NpzReader::NumberIf(const std::string& name) const {
  return Has(name) ? Number(name) : std::numeric_limits<double>::quiet_NaN();
}

std::int64_t NpzReader::Whole(const std::string& name) const {
  return static_cast<std::int64_t>(Number(name));
}

std::string NpzReader::Words(const std::string& name) const {
  const Array& a = Get(name);
  return {a.bytes.begin(), a.bytes.end()};
}

Eigen::VectorXd NpzReader::Vector(const std::string& name) const {
  const std::vector<double> values = Get(name).AsDoubles();
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

Eigen::VectorXd NpzReader::VectorIf(const std::string& name) const {
  return Has(name) ? Vector(name) : Eigen::VectorXd();
}

Eigen::MatrixXd NpzReader::Matrix(const std::string& name) const {
  const Array& a = Get(name);
  if (a.shape.empty() || a.shape[0] == 0) return {};
  const std::vector<double> values = a.AsDoubles();
  const auto rows = static_cast<Eigen::Index>(a.shape[0]);
  return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      values.data(), rows, static_cast<Eigen::Index>(values.size()) / rows);
}

Eigen::MatrixXd NpzReader::MatrixIf(const std::string& name) const {
  return Has(name) ? Matrix(name) : Eigen::MatrixXd();
}

}  // namespace denoscope
