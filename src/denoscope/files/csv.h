// Tables of text cells as CSV (RFC 4180): comma, one header row, quotes only where needed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace denoscope {

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  // Throws, naming the table's columns, when there is no such column.
  std::size_t Column(const std::string& name) const;
};

// Throws, naming the column and the text, unless the cell holds a number.
double NumberAt(const Table& table, std::size_t row, const std::string& column);

std::string NumberText(double value);  // shortest text that reads back as the same double
void AddRow(Table& table, const std::vector<double>& numbers);
void AddRow(Table& table,
            const std::vector<std::string>& texts,
            const std::vector<double>& numbers);  // in the columns after the texts
Table ReadCsv(const std::filesystem::path& path);
void WriteCsv(const std::filesystem::path& path, const Table& table);

}  // namespace denoscope
