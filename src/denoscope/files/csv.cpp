#include "denoscope/files/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"

namespace denoscope {
namespace {

class CsvParser {
 public:
  CsvParser(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

  bool AtEnd() const { return at_ == text_.size(); }
  std::size_t Line() const { return line_; }

  std::vector<std::string> Row() {
    std::vector<std::string> fields;
    for (;;) {
      fields.push_back(!AtEnd() && text_[at_] == '"' ? Quoted() : Plain());
      if (AtEnd() || EndOfLine()) return fields;
      if (text_[at_] != ',')
        throw Error("csv '{}': line {}: expected a comma after a closing quote, found '{}'",
                    name_,
                    line_,
                    text_[at_]);
      ++at_;
    }
  }

 private:
  bool EndOfLine() {
    if (text_.substr(at_, 2) == "\r\n") {
      at_ += 2;
    } else if (text_[at_] == '\n') {
      ++at_;
    } else {
      return false;
    }
    ++line_;
    return true;
  }

  std::string Plain() {
    const std::size_t begin = at_;
    while (!AtEnd() && text_[at_] != ',' && text_[at_] != '\n' && text_.substr(at_, 2) != "\r\n") {
      if (text_[at_] == '"')
        throw Error(
            "csv '{}': line {}: expected a quote only at the start of a field, "
            "found one within",
            name_,
            line_);
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string Quoted() {
    const std::size_t first_line = line_;
    std::string field;
    for (++at_; !AtEnd(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        if (AtEnd() || text_[at_] != '"') return field;
      } else if (text_[at_] == '\n') {
        ++line_;
      }
      field += text_[at_];
    }
    throw Error("csv '{}': line {}: expected a closing quote, found the end of the file",
                name_,
                first_line);
  }

  std::string_view text_;
  std::string name_;
  std::size_t at_ = 0, line_ = 1;
};

void AppendField(std::string& text, const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) {
    text += field;
    return;
  }
  text += '"';
  for (const char c : field) {
    if (c == '"') text += '"';
    text += c;
  }
  text += '"';
}

void AppendRow(std::string& text, const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ',';
    AppendField(text, row[i]);
  }
  text += '\n';
}

}  // namespace

std::size_t Table::Column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end())
    throw Error("table: no column '{}', expected one of {}", name, fmt::join(columns, ", "));
  return static_cast<std::size_t>(found - columns.begin());
}

double NumberAt(const Table& table, std::size_t row, const std::string& column) {
  const std::string& text = table.rows.at(row).at(table.Column(column));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || *end != '\0')
    throw Error("table: column '{}': expected a number, found '{}'", column, text);
  return value;
}

std::string NumberText(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 32> text = {};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string(text.data(), result.ptr);
}

void AddRow(Table& table, const std::vector<double>& numbers) { AddRow(table, {}, numbers); }

void AddRow(Table& table,
            const std::vector<std::string>& texts,
            const std::vector<double>& numbers) {
  std::vector<std::string> row = texts;
  for (const double number : numbers) row.push_back(NumberText(number));
  table.rows.push_back(std::move(row));
}

Table ReadCsv(const std::filesystem::path& path) {
  const std::string text = ReadFile(path);
  CsvParser parser(text, path.string());
  if (parser.AtEnd())
    throw Error("csv '{}': expected a header row, found an empty file", path.string());
  Table table;
  table.columns = parser.Row();
  while (!parser.AtEnd()) {
    const std::size_t line = parser.Line();
    table.rows.push_back(parser.Row());
    if (table.rows.back().size() != table.columns.size())
      throw Error("csv '{}': line {}: expected {} fields, found {}",
                  path.string(),
                  line,
                  table.columns.size(),
                  table.rows.back().size());
  }
  return table;
}

void WriteCsv(const std::filesystem::path& path, const Table& table) {
  std::string text;
  AppendRow(text, table.columns);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (table.rows[i].size() != table.columns.size())
      throw Error("csv '{}': row {}: expected {} fields, found {}",
                  path.string(),
                  i,
                  table.columns.size(),
                  table.rows[i].size());
    AppendRow(text, table.rows[i]);
  }
  WriteFile(path, text);
}

}  // namespace denoscope
