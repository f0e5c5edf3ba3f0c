#include "denoscope/report/page/page_grid.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/run_kinds.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

struct CellFile {
  std::int64_t image = 0, draw = 0, sigma = 0;  // sigma in millionths, as in names
  fs::path path;
};

std::int64_t Millionths(double sigma) { return std::llround(sigma * 1e6); }

std::optional<CellFile> Parsed(const fs::path& path) {
  if (path.extension() != ".npz") return std::nullopt;
  const std::optional<CellKey> key = CellKeyOf(path.stem().string());
  if (!key || !(key->sigma > 0 && key->sigma < 1e9)) return std::nullopt;
  return CellFile{key->image, key->draw, Millionths(key->sigma), path};
}

std::vector<CellFile> Found(const fs::path& run) {
  std::vector<CellFile> files;
  if (!fs::is_directory(run / "cells")) return files;
  for (const auto& entry : fs::directory_iterator(run / "cells"))
    if (auto file = Parsed(entry.path())) files.push_back(std::move(*file));
  return files;
}

// What an analysis was asked for; empty where the manifest does not say so.
std::vector<CellFile> Expected(const Json& manifest) {
  const Json name = manifest.value("kind", Json());
  const RunKind* const kind = name.is_string() ? FindRunKind(name.get<std::string>()) : nullptr;
  if (kind == nullptr || kind->cells != RunCells::kOfImages) return {};
  std::vector<CellFile> cells;
  try {
    const Json& options = manifest.at("identity").at("options");
    const auto images = options.at("images").get<std::vector<std::int64_t>>();
    const auto sigmas = options.at("sigmas").get<std::vector<double>>();
    const auto draws = options.at("draws").get<std::int64_t>();
    constexpr double kMost = 1e6;
    if (static_cast<double>(images.size() * sigmas.size()) * static_cast<double>(draws) > kMost)
      return {};
    for (const std::int64_t image : images)
      for (std::int64_t draw = 0; draw < draws; ++draw)
        for (const double sigma : sigmas)
          if (sigma > 0 && sigma < 1e9) cells.push_back({image, draw, Millionths(sigma), {}});
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return cells;
}

// The noise levels of all series together, ascending. Empty where each has levels of its own, as
// paths of a denoiser that guesses sigma have: their stops are the states in order.
std::vector<std::int64_t> SharedLevels(
    const std::map<std::pair<std::int64_t, std::int64_t>, std::vector<CellFile>>& series) {
  std::set<std::int64_t> all;
  std::size_t longest = 0;
  for (const auto& [key, cells] : series) {
    std::set<std::int64_t> own;
    for (const CellFile& cell : cells) own.insert(cell.sigma);
    longest = std::max(longest, own.size());
    all.insert(own.begin(), own.end());
  }
  if (all.size() > 2 * longest) return {};
  return {all.begin(), all.end()};
}

}  // namespace

CellGrid FindCells(const fs::path& run, const Json& manifest) {
  CellGrid grid;
  std::vector<CellFile> files = Found(run);
  grid.found = files.size();
  const std::vector<CellFile> expected = Expected(manifest);
  grid.expected = expected.size();
  files.insert(files.end(), expected.begin(), expected.end());
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<CellFile>> series;
  for (const CellFile& file : files) series[{file.image, file.draw}].push_back(file);
  const std::vector<std::int64_t> shared = SharedLevels(series);
  for (auto& [key, cells] : series) {
    std::sort(cells.begin(), cells.end(), [](const CellFile& a, const CellFile& b) {
      return a.sigma < b.sigma;
    });
    CellFiles one = {key.first, key.second, {}};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto at = std::lower_bound(shared.begin(), shared.end(), cells[i].sigma);
      const std::size_t stop =
          shared.empty() ? i : static_cast<std::size_t>(std::distance(shared.begin(), at));
      if (!cells[i].path.empty()) one.cells[stop] = cells[i].path;
      if (shared.empty() && grid.sigmas.size() == i)
        grid.sigmas.push_back(static_cast<double>(cells[i].sigma) / 1e6);
    }
    grid.series.push_back(std::move(one));
  }
  for (const std::int64_t sigma : shared) grid.sigmas.push_back(static_cast<double>(sigma) / 1e6);
  return grid;
}

void CellGrid::Thin(std::size_t most_series, std::size_t most_stops) {
  std::vector<CellFiles> chosen;
  for (const std::size_t i : EvenChoice(series.size(), most_series))
    chosen.push_back(std::move(series[i]));
  const std::vector<std::size_t> stops = EvenChoice(sigmas.size(), most_stops);
  std::vector<double> kept;
  for (const std::size_t s : stops) kept.push_back(sigmas[s]);
  for (CellFiles& one : chosen) {
    std::map<std::size_t, fs::path> cells;
    for (std::size_t s = 0; s < stops.size(); ++s)
      if (const auto at = one.cells.find(stops[s]); at != one.cells.end()) cells[s] = at->second;
    one.cells = std::move(cells);
  }
  series = std::move(chosen);
  sigmas = std::move(kept);
}

}  // namespace denoscope
