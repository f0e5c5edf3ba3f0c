// Rows of a table by the names of their columns.
#pragma once

#include <cmath>
#include <map>
#include <string>

#include "denoscope/files/csv.h"

namespace denoscope {

// Cells that are not named are not numbers. Throws where there is no such column.
inline void AddNamedRow(Table& table,
                        const std::map<std::string, double>& numbers,
                        const std::map<std::string, std::string>& texts = {}) {
  table.rows.emplace_back(table.columns.size(), NumberText(NAN));
  for (const auto& [column, number] : numbers)
    table.rows.back()[table.Column(column)] = NumberText(number);
  for (const auto& [column, text] : texts) table.rows.back()[table.Column(column)] = text;
}

}  // namespace denoscope
