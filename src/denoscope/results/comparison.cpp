#include "denoscope/results/comparison.h"

namespace denoscope {

void WriteComparison(const std::filesystem::path& folder, const Comparison& comparison) {
  WriteJson(folder / "compare.json", comparison.summary);
  WriteCsv(folder / "halves.csv", comparison.halves);
  WriteCsv(folder / "statistics.csv", comparison.statistics);
  WriteCsv(folder / "levels.csv", comparison.levels);
  WriteCsv(folder / "cells.csv", comparison.cells);
  WriteNpz(folder / "pictures.npz", comparison.pictures);
}

Comparison ReadComparison(const std::filesystem::path& folder) {
  return {
      ReadJson(folder / "compare.json"),
      ReadCsv(folder / "halves.csv"),
      ReadCsv(folder / "statistics.csv"),
      ReadCsv(folder / "levels.csv"),
      std::filesystem::exists(folder / "cells.csv") ? ReadCsv(folder / "cells.csv") : Table(),
      std::filesystem::exists(folder / "pictures.npz") ? ReadNpz(folder / "pictures.npz") : Npz()};
}

}  // namespace denoscope
