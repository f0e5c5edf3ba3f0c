#include "denoscope/results/comparison.h"

#include "denoscope/results/compare_columns.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

Table Read(const fs::path& folder, const TableSpec& spec) { return ReadCsv(folder / spec.file); }

void Write(const fs::path& folder, const TableSpec& spec, const Table& table) {
  WriteCsv(folder / spec.file, table);
}

}  // namespace

void WriteComparison(const fs::path& folder, const Comparison& comparison) {
  WriteJson(folder / kComparisonSummary, comparison.summary);
  Write(folder, kComparisonHalves, comparison.halves);
  Write(folder, kComparisonStatistics, comparison.statistics);
  Write(folder, kComparisonLevels, comparison.levels);
  Write(folder, kComparisonCells, comparison.cells);
  WriteNpz(folder / kComparisonPictures, comparison.pictures);
}

Comparison ReadComparison(const fs::path& folder) {
  const auto is_there = [&](const char* file) { return fs::exists(folder / file); };
  return {ReadJson(folder / kComparisonSummary),
          Read(folder, kComparisonHalves),
          Read(folder, kComparisonStatistics),
          Read(folder, kComparisonLevels),
          is_there(kComparisonCells.file) ? Read(folder, kComparisonCells) : Table(),
          is_there(kComparisonPictures) ? ReadNpz(folder / kComparisonPictures) : Npz()};
}

}  // namespace denoscope
