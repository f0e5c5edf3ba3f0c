#include "denoscope/report/page/page_tables.h"

#include <algorithm>
#include <vector>

#include "denoscope/base/even_choice.h"
#include "denoscope/files/csv.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 230'000;       // of a table
constexpr std::size_t kMostBytesOfAll = 650'000;  // later tables get what is left of it

std::size_t Bytes(const std::vector<std::string>& row) {
  constexpr std::size_t kAround = 3;  // quotes and comma
  std::size_t bytes = 2;
  for (const std::string& text : row) bytes += text.size() + kAround;
  return bytes;
}

std::size_t Bytes(const Table& table) {
  std::size_t bytes = 0;
  for (const auto& row : table.rows) bytes += Bytes(row);
  return bytes;
}

Json Document(const std::string& name, const Table& table, std::size_t most_bytes) {
  const std::size_t bytes = std::max<std::size_t>(Bytes(table), 1);
  const std::size_t most =
      bytes <= most_bytes
          ? table.rows.size()
          : static_cast<std::size_t>(static_cast<double>(table.rows.size()) *
                                     static_cast<double>(most_bytes) / static_cast<double>(bytes));
  Json rows = Json::array();
  for (const std::size_t i : EvenChoice(table.rows.size(), std::max<std::size_t>(most, 2)))
    rows.push_back(table.rows[i]);
  return {{"name", name},
          {"columns", table.columns},
          {"rows", std::move(rows)},
          {"total", table.rows.size()}};
}

std::vector<fs::path> TableFiles(const fs::path& run) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(run))
    if (entry.path().extension() == ".csv" && entry.path().filename() != kTiming.file)
      files.push_back(entry.path());
  const auto rank = [](const fs::path& file) {  // what the page itself reads comes first
    constexpr const char* kFirst[] = {
        "summary", "emergence", "path_emergence", "statistics", "levels", "steps"};
    return std::find(std::begin(kFirst), std::end(kFirst), file.stem()) - std::begin(kFirst);
  };
  std::sort(files.begin(), files.end(), [&](const fs::path& a, const fs::path& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a < b;
  });
  return files;
}

}  // namespace

Json PageTables(const fs::path& run, Json& notes) {
  Json tables = Json::array();
  std::size_t left = kMostBytesOfAll;
  for (const fs::path& file : TableFiles(run)) try {
      const Table table = ReadCsv(file);
      // A short beginning at the least, however much came before.
      const std::size_t most = std::max<std::size_t>(std::min(kMostBytes, left), 20'000);
      tables.push_back(Document(file.filename().string(), table, most));
      left -= std::min({left, most, Bytes(table)});
    } catch (const std::exception& e) {
      notes.push_back(fmt::format("table left out: {}", e.what()));
    }
  return tables;
}

}  // namespace denoscope
