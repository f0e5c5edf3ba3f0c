// Rows of a table as numbers: choosing and reading.
#pragma once

#include <string>
#include <vector>

#include "denoscope/files/csv.h"

namespace denoscope {

// Views the table, which must outlive it.
class NumberRows {
 public:
  explicit NumberRows(const Table& table);
  explicit NumberRows(Table&& table) = delete;

  std::size_t Count() const { return rows_.size(); }
  bool Empty() const { return rows_.empty(); }
  double At(std::size_t row, const std::string& column) const;  // throws unless it is a number
  const std::string& Text(std::size_t row, const std::string& column) const;
  std::vector<double> Values(const std::string& column) const;
  std::vector<double> Distinct(const std::string& column) const;  // in order of appearance

  NumberRows Where(const std::string& column, double value) const;
  NumberRows Where(const std::string& column, const std::string& text) const;

 private:
  const Table* table_;
  std::vector<std::size_t> rows_;
};

}  // namespace denoscope
