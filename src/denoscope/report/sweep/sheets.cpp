#include "denoscope/report/sweep/sheets.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/tiles.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

struct VectorRow {
  std::vector<std::string> label;  // lines
  Eigen::MatrixXf vectors;         // (d,columns)
  Eigen::VectorXd values;
};

// The sign of an eigenvector means nothing: each takes the one that agrees with the row above.
void AlignSigns(std::vector<VectorRow>& rows) {
  for (std::size_t r = 1; r < rows.size(); ++r) {
    const Eigen::Index shared = std::min(rows[r].vectors.cols(), rows[r - 1].vectors.cols());
    for (Eigen::Index k = 0; k < shared; ++k)
      if (rows[r].vectors.col(k).dot(rows[r - 1].vectors.col(k)) < 0) rows[r].vectors.col(k) *= -1;
  }
}

// Of the first image and draw, the largest sigma first.
std::vector<const Cell*> FirstImage(const RunContents& run, std::size_t most) {
  std::vector<const Cell*> cells;
  for (const Cell& cell : run.cells)
    if (cell.image == run.cells[0].image && cell.draw == run.cells[0].draw) cells.push_back(&cell);
  std::sort(
      cells.begin(), cells.end(), [](const Cell* a, const Cell* b) { return a->sigma > b->sigma; });
  std::vector<const Cell*> chosen;
  for (const std::size_t i : EvenChoice(cells.size(), most)) chosen.push_back(cells[i]);
  return chosen;
}

std::vector<VectorRow> VectorRows(const RunContents& run, std::size_t columns) {
  std::vector<VectorRow> rows;
  const auto leading = [&](const Eigen::MatrixXf& vectors) {
    return vectors.leftCols(std::min(static_cast<Eigen::Index>(columns), vectors.cols())).eval();
  };
  if (run.reference.basis.cols() > 0)
    rows.push_back({{"PCA u_k", "λ_k"}, leading(run.reference.basis), run.reference.lambda});
  for (const Cell* cell : FirstImage(run, 8))
    rows.push_back({{"σ = " + SigmaText(cell->sigma)},
                    leading(cell->deep.eigenvectors),
                    cell->deep.eigenvalues});
  AlignSigns(rows);
  return rows;
}

std::filesystem::path DrawVectors(const Canvas& canvas,
                                  const std::vector<VectorRow>& rows,
                                  const Shape& shape,
                                  const TileGrid& grid,
                                  std::size_t columns) {
  const double top = kSheetMargin + kSheetLine;
  Sheet sheet(canvas,
              grid.Left(columns) - kTileGap + kSheetMargin,
              top + static_cast<double>(rows.size()) * grid.RowHeight() + kSheetMargin);
  for (std::size_t k = 0; k < columns; ++k)
    sheet.Centre((k == 0 ? "k = " : "") + std::to_string(k), grid.Centre(k), kSheetMargin + 8);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double y = top + static_cast<double>(r) * grid.RowHeight();
    for (std::size_t line = 0; line < rows[r].label.size(); ++line)
      sheet.Left(rows[r].label[line],
                 kSheetMargin,
                 y + grid.tile_height / 2 + static_cast<double>(line) * kSheetLine);
    for (Eigen::Index k = 0; k < rows[r].vectors.cols(); ++k) {
      const auto column = static_cast<std::size_t>(k);
      sheet.Tile(VectorPicture(rows[r].vectors.col(k), shape), grid, grid.Left(column), y);
      sheet.Centre(TileNumber(rows[r].values[k]),
                   grid.Centre(column),
                   y + grid.tile_height + kSheetLine / 2);
    }
  }
  return sheet.Write("eigenvectors");
}

// Of each of the first images its first draw, by ascending sigma.
std::vector<std::vector<const Cell*>> Blocks(const RunContents& run, std::size_t columns) {
  constexpr std::size_t kMostImages = 3;
  std::vector<std::vector<const Cell*>> blocks;
  for (const std::int64_t image : Images(run.cells)) {
    if (blocks.size() == kMostImages) break;
    std::vector<const Cell*> cells;
    for (const Level& level : Levels(run.cells))
      for (const Cell* cell : level.cells)
        if (cell->image == image) {
          cells.push_back(cell);
          break;
        }
    blocks.emplace_back();
    for (const std::size_t i : EvenChoice(cells.size(), columns)) blocks.back().push_back(cells[i]);
  }
  return blocks;
}

struct StripRow {
  const char* label;
  Array Cell::*image;
};

std::vector<StripRow> StripRows(const RunContents& run) {
  std::vector<StripRow> rows = {{"noisy", &Cell::noisy}, {"denoised", &Cell::denoised}};
  if (run.cells[0].HasLinear()) rows.push_back({"Wiener", &Cell::linear_denoised});
  return rows;
}

void DrawBlock(Sheet& sheet,
               const std::vector<const Cell*>& cells,
               const std::vector<StripRow>& strip,
               const TileGrid& grid,
               double top) {
  sheet.Tile(ImagePicture(cells[0]->clean), grid, kSheetMargin, top);
  for (std::size_t r = 0; r < strip.size(); ++r) {
    const double y = top + static_cast<double>(r) * grid.RowHeight();
    sheet.Left(strip[r].label, grid.Left(0) - kLabelColumn + 10, y + grid.tile_height / 2);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Array& image = cells[i]->*strip[r].image;
      if (ElementCount(image.shape) > 1) sheet.Tile(ImagePicture(image), grid, grid.Left(i), y);
    }
  }
}

std::filesystem::path DrawStrips(const Canvas& canvas,
                                 const std::vector<std::vector<const Cell*>>& blocks,
                                 const std::vector<StripRow>& strip,
                                 const TileGrid& grid) {
  constexpr double kTop = kSheetMargin + kSheetLine, kBetween = 12;
  const double block_height = static_cast<double>(strip.size()) * grid.RowHeight() + kBetween;
  const double height =
      kTop + static_cast<double>(blocks.size()) * block_height - kTileGap - kBetween;
  Sheet sheet(canvas, grid.Left(blocks[0].size()) - kTileGap + kSheetMargin, height + kSheetMargin);
  constexpr double kHeading = kSheetMargin + 8;
  sheet.Centre("clean", kSheetMargin + grid.tile_width / 2, kHeading);
  sheet.Left("σ", grid.Left(0) - kLabelColumn + 10, kHeading);
  for (std::size_t i = 0; i < blocks[0].size(); ++i)
    sheet.Centre(SigmaText(blocks[0][i]->sigma), grid.Centre(i), kHeading);
  for (std::size_t b = 0; b < blocks.size(); ++b)
    DrawBlock(sheet, blocks[b], strip, grid, kTop + static_cast<double>(b) * block_height);
  return sheet.Write("denoised");
}

}  // namespace

std::optional<Figure> EigenvectorSheet(const RunContents& run, const Canvas& canvas) {
  if (run.cells.empty() || run.cells[0].deep.eigenvectors.cols() == 0) return std::nullopt;
  const Shape& shape = run.cells[0].clean.shape;
  const TileGrid grid = MakeTileGrid(canvas, shape, 1);
  const std::size_t columns = ColumnsThatFit(
      canvas, grid, std::min<std::size_t>(12, run.cells[0].deep.eigenvectors.cols()));
  return Figure{DrawVectors(canvas, VectorRows(run, columns), shape, grid, columns),
                fmt::format("Leading eigenvectors v_k of the symmetric part of the Jacobian at "
                            "image {}, by falling noise level, each with its eigenvalue{}. Each is "
                            "scaled by its own largest entry; signs are chosen to agree with the "
                            "row above.",
                            run.cells[0].image,
                            run.reference.basis.cols() > 0
                                ? "; first row: the principal components of the training images"
                                : "")};
}

std::optional<Figure> DenoisedSheet(const RunContents& run, const Canvas& canvas) {
  if (run.cells.empty()) return std::nullopt;
  TileGrid grid = MakeTileGrid(canvas, run.cells[0].clean.shape, 0);
  grid.left = kSheetMargin + grid.tile_width + kLabelColumn;
  const std::vector<std::vector<const Cell*>> blocks = Blocks(run, ColumnsThatFit(canvas, grid, 8));
  return Figure{DrawStrips(canvas, blocks, StripRows(run), grid),
                fmt::format("Clean, noisy and denoised images by rising noise level, clipped to "
                            "[0,1]{}.",
                            run.cells[0].HasLinear()
                                ? "; Wiener: the linear denoiser fitted to the training images"
                                : "")};
}

}  // namespace denoscope
