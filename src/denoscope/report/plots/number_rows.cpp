#include "denoscope/report/plots/number_rows.h"

#include <algorithm>
#include <numeric>

namespace denoscope {

NumberRows::NumberRows(const Table& table) : table_(&table), rows_(table.rows.size()) {
  std::iota(rows_.begin(), rows_.end(), 0);
}

const std::string& NumberRows::Text(std::size_t row, const std::string& column) const {
  return table_->rows.at(rows_.at(row)).at(table_->Column(column));
}

double NumberRows::At(std::size_t row, const std::string& column) const {
  return NumberAt(*table_, rows_.at(row), column);
}

std::vector<double> NumberRows::Values(const std::string& column) const {
  std::vector<double> values;
  for (std::size_t i = 0; i < Count(); ++i) values.push_back(At(i, column));
  return values;
}

std::vector<double> NumberRows::Distinct(const std::string& column) const {
  std::vector<double> distinct;
  for (const double value : Values(column))
    if (std::find(distinct.begin(), distinct.end(), value) == distinct.end())
      distinct.push_back(value);
  return distinct;
}

NumberRows NumberRows::Where(const std::string& column, double value) const {
  NumberRows chosen = *this;
  chosen.rows_.clear();
  for (std::size_t i = 0; i < Count(); ++i)
    if (At(i, column) == value) chosen.rows_.push_back(rows_[i]);
  return chosen;
}

NumberRows NumberRows::Where(const std::string& column, const std::string& text) const {
  NumberRows chosen = *this;
  chosen.rows_.clear();
  for (std::size_t i = 0; i < Count(); ++i)
    if (Text(i, column) == text) chosen.rows_.push_back(rows_[i]);
  return chosen;
}

}  // namespace denoscope
