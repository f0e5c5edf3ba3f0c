#include "denoscope/report/page/page_cells.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/page/page_grid.h"
#include "denoscope/report/page/page_pictures.h"
#include "denoscope/report/plots/words.h"
#include "denoscope/results/records.h"
#include "denoscope/results/sweep_columns.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Eigen::Index;

constexpr int kLongestSide = 64;                 // of a picture, in pixels
constexpr double kMostPictureBytes = 1'600'000;  // of all pictures, before they are packed
constexpr std::size_t kMostSeries = 24, kMostStops = 24;
enum StripRow : std::size_t {
  kNoisy,
  kDenoised,
  kLinear,
  kDeviation,
  kLinearDeviation,
  kStripRows
};

// Eigenvalues drawn of d: evenly by log k for the leading ones, evenly for the tail.
std::vector<Index> DrawnIndices(Index d) {
  constexpr int kOfEach = 40;
  std::set<Index> chosen;
  for (int i = 0; i < kOfEach; ++i)
    chosen.insert(static_cast<Index>(std::pow(static_cast<double>(d), i / (kOfEach - 1.0))) - 1);
  for (const std::size_t i : EvenChoice(static_cast<std::size_t>(d), kOfEach))
    chosen.insert(static_cast<Index>(i));
  return {chosen.begin(), chosen.end()};
}

Eigen::VectorXd At(const Eigen::VectorXd& values, const std::vector<Index>& indices) {
  Eigen::VectorXd chosen(static_cast<Index>(indices.size()));
  for (std::size_t i = 0; i < indices.size(); ++i)
    chosen[static_cast<Index>(i)] = indices[i] < values.size() ? values[indices[i]] : kNotComputed;
  return chosen;
}

Json SpectrumDocument(const Spectrum& spectrum, const std::vector<Index>& indices) {
  return {{"spectrum", DrawnList(At(spectrum.eigenvalues, indices))},
          {"bands", DrawnList(spectrum.band_gain)}};
}

// Of each pixel (H W) by sigma^2 J(i,i), root mean square over channels, 0 where J claims less than
// no variance; empty where the diagonal is not kept.
Eigen::VectorXf Deviation(const Spectrum& spectrum, double sigma, std::int64_t channels) {
  if (spectrum.diagonal.size() == 0) return {};
  const auto by_channel =
      spectrum.diagonal.cwiseMax(0).reshaped(spectrum.diagonal.size() / channels, channels);
  return (sigma * by_channel.rowwise().mean().cwiseSqrt()).cast<float>();
}

Json ScalarDocument(const Cell& cell) {
  Json document;
  for (const auto& [name, value] : Scalars(cell.deep)) document[name] = Drawn(value);
  if (cell.HasLinear())
    for (const auto& [name, value] : Scalars(cell.linear))
      document["linear_" + name] = Drawn(value);
  return document;
}

class CellReader {
 public:
  // `scalars`: in each level, where the run has no table of them yet.
  CellReader(
      const CellGrid& grid, const Cell& first, std::size_t vectors, bool scalars, Json& notes)
      : grid_(grid),
        shape_(first.clean.shape),
        vectors_(vectors),
        scalars_(scalars),
        notes_(notes) {
    indices_ = DrawnIndices(ElementCount(shape_));
    linear_.assign(grid.sigmas.size(), nullptr);
  }

  Json Series(const CellFiles& series) {
    const std::size_t stops = grid_.sigmas.size();
    TileSheet clean(shape_, kLongestSide, 1, 1);
    TileSheet strip(shape_, kLongestSide, kStripRows, stops);
    TileSheet vectors(shape_, kLongestSide, stops, vectors_);
    Json levels = Json::array();
    for (std::size_t s = 0; s < stops; ++s) levels.push_back(nullptr);
    Eigen::MatrixXf above;
    for (auto at = series.cells.rbegin(); at != series.cells.rend(); ++at) {
      std::optional<Cell> cell = Read(at->second);
      if (!cell) continue;
      clean.PlaceImage(0, 0, cell->clean);
      strip.PlaceImage(kNoisy, at->first, cell->noisy);
      strip.PlaceImage(kDenoised, at->first, cell->denoised);
      strip.PlaceImage(kLinear, at->first, cell->linear_denoised);
      const double largest = PlaceDeviations(*cell, at->first, strip);
      AlignSigns(cell->deep.eigenvectors, above);
      above = cell->deep.eigenvectors;
      for (Index k = 0; k < Shown(above); ++k)
        vectors.PlaceVector(at->first, static_cast<std::size_t>(k), above.col(k));
      levels[at->first] = Level(*cell);
      levels[at->first]["largest_deviation"] = Drawn(largest);
      if (cell->HasLinear() && linear_[at->first].is_null())
        linear_[at->first] = SpectrumDocument(cell->linear, indices_);
    }
    return {{"image", series.image},
            {"draw", series.draw},
            {"clean", clean.Document()},
            {"strip", strip.Document()},
            {"vectors", vectors.Document()},
            {"levels", std::move(levels)}};
  }

  Json Linear() const {
    const bool any = std::any_of(
        linear_.begin(), linear_.end(), [](const Json& level) { return !level.is_null(); });
    return any ? Json(linear_) : Json();
  }
  const std::vector<Index>& Indices() const { return indices_; }

 private:
  const CellGrid& grid_;
  Shape shape_;
  std::size_t vectors_;
  bool scalars_;
  Json& notes_;
  std::vector<Index> indices_;
  std::vector<Json> linear_;

  Index Shown(const Eigen::MatrixXf& vectors) const {
    return std::min(vectors.cols(), static_cast<Index>(vectors_));
  }

  std::optional<Cell> Read(const fs::path& path) {
    try {
      Cell cell = CellFromNpz(ReadNpz(path), path.string());
      if (cell.clean.shape == shape_) return cell;
      notes_.push_back(fmt::format("cell left out: '{}' has images of {}, expected {}",
                                   path.string(),
                                   ShapeText(cell.clean.shape),
                                   ShapeText(shape_)));
    } catch (const std::exception& e) {
      notes_.push_back(fmt::format("cell left out: {}", e.what()));
    }
    return std::nullopt;
  }

  // Both maps on one scale, whose end is returned.
  static double PlaceDeviations(const Cell& cell, std::size_t stop, TileSheet& strip) {
    const std::int64_t channels = cell.clean.shape[0];
    const Eigen::VectorXf deep = Deviation(cell.deep, cell.sigma, channels);
    const Eigen::VectorXf linear = Deviation(cell.linear, cell.sigma, channels);
    if (deep.size() == 0) return kNotComputed;
    const double largest = std::max(deep.maxCoeff(), linear.size() > 0 ? linear.maxCoeff() : 0.0F);
    strip.PlaceMap(kDeviation, stop, deep, largest);
    strip.PlaceMap(kLinearDeviation, stop, linear, largest);
    return largest;
  }

  // The sign of an eigenvector means nothing: each takes the one that agrees with the stop above.
  static void AlignSigns(Eigen::MatrixXf& vectors, const Eigen::MatrixXf& above) {
    if (vectors.rows() != above.rows()) return;
    for (Index k = 0; k < std::min(vectors.cols(), above.cols()); ++k)
      if (vectors.col(k).dot(above.col(k)) < 0) vectors.col(k) *= -1;
  }

  Json Level(const Cell& cell) const {
    Json level = SpectrumDocument(cell.deep, indices_);
    const Index K = Shown(cell.deep.eigenvectors);
    level["sigma"] = cell.sigma;
    level["mu"] = DrawnList(cell.deep.eigenvalues.head(std::min(K, cell.deep.eigenvalues.size())));
    level["frequency"] = DrawnList(
        cell.deep.eigenvector_frequency.head(std::min(K, cell.deep.eigenvector_frequency.size())));
    if (scalars_) level["scalars"] = ScalarDocument(cell);
    level["linear"] = ElementCount(cell.linear_denoised.shape) == ElementCount(shape_);
    return level;
  }
};

// Of the first cell that can be read.
std::optional<Cell> FirstCell(const CellGrid& grid) {
  for (const CellFiles& series : grid.series)
    for (const auto& [stop, path] : series.cells) try {
        return CellFromNpz(ReadNpz(path), path.string());
      } catch (const std::exception&) {
        continue;
      }
  return std::nullopt;
}

// Thins the grid to what a page can hold; returns how many eigenvectors a cell then shows.
std::size_t Fit(CellGrid& grid, const Cell& first, Json& notes) {
  const std::size_t series = grid.series.size(), stops = grid.sigmas.size();
  grid.Thin(std::min(series, kMostSeries), kMostStops);
  const double pixels =
      TileSize(first.clean.shape, kLongestSide).area() * (first.clean.shape[0] == 3 ? 3.0 : 1.0);
  const auto fitting = [&](std::size_t vectors) {
    const double cell = pixels * static_cast<double>(kStripRows + vectors);
    return std::max<std::size_t>(1,
                                 static_cast<std::size_t>(kMostPictureBytes / cell /
                                                          static_cast<double>(grid.sigmas.size())));
  };
  const auto available = static_cast<std::size_t>(first.deep.eigenvectors.cols());
  std::size_t vectors = std::min<std::size_t>(12, available);
  while (vectors > 6 && fitting(vectors) < grid.series.size()) --vectors;
  grid.Thin(std::min(grid.series.size(), fitting(vectors)), kMostStops);
  if (grid.series.size() < series || grid.sigmas.size() < stops)
    notes.push_back(fmt::format(
        "shown are {} of {} at {} of {}, evenly chosen; the other cells are in the run's folder",
        grid.series.size(),
        Counted(series, "image"),
        grid.sigmas.size(),
        Counted(stops, "noise level")));
  return vectors;
}

void NoteMissing(const CellGrid& grid, Json& notes) {
  if (grid.expected > grid.found)
    notes.push_back(fmt::format("{} of {} computed; the others are marked as not computed",
                                grid.found,
                                Counted(grid.expected, "cell")));
}

void AddReference(Json& document,
                  const fs::path& run,
                  const std::vector<Index>& indices,
                  Json& notes) {
  try {
    const fs::path file = run / "reference.npz";
    const Reference reference = ReferenceFromNpz(ReadNpz(file), file.string());
    document["band_centre"] = DrawnList(reference.band_centre);
    document["band_groups"] = reference.band_groups;
    if (reference.lambda.size() > 0) document["lambda"] = DrawnList(At(reference.lambda, indices));
  } catch (const std::exception& e) {
    notes.push_back(fmt::format("reference left out: {}", e.what()));
  }
}

}  // namespace

Json PageCells(const fs::path& run, const Json& manifest, Json& notes) {
  CellGrid grid = FindCells(run, manifest);
  NoteMissing(grid, notes);
  const std::optional<Cell> first = FirstCell(grid);
  if (!first) return nullptr;
  const Shape shape = first->clean.shape;
  const std::size_t vectors = Fit(grid, *first, notes);
  CellReader reader(grid,
                    *first,
                    std::max<std::size_t>(vectors, 1),
                    !fs::exists(run / kSweepSummary.file),
                    notes);
  Json document = {{"sigmas", grid.sigmas}, {"shape", shape}, {"series", Json::array()}};
  for (const CellFiles& series : grid.series) document["series"].push_back(reader.Series(series));
  document["vectors"] = vectors;
  document["spectrum_k"] = reader.Indices();
  document["d"] = ElementCount(shape);
  document["linear"] = reader.Linear();
  AddReference(document, run, reader.Indices(), notes);
  return document;
}

}  // namespace denoscope
