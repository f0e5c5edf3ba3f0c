#include "denoscope/report/sheets.h"

#include <algorithm>
#include <cmath>

#include "denoscope/image/png.h"
#include "denoscope/report/tiles.h"

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
    rows.push_back({{"PCA u_k", "lambda_k"}, leading(run.reference.basis), run.reference.lambda});
  for (const Cell* cell : FirstImage(run, 8))
    rows.push_back({{"sigma", SigmaText(cell->sigma)},
                    leading(cell->deep.eigenvectors),
                    cell->deep.eigenvalues});
  AlignSigns(rows);
  return rows;
}

cv::Mat DrawVectors(const std::vector<VectorRow>& rows,
                    const Shape& shape,
                    const TileGrid& grid,
                    std::size_t columns) {
  const int width = grid.Left(columns) - kTileGap + kSheetMargin;
  const int top = kSheetMargin + kSheetLine;
  cv::Mat sheet(top + static_cast<int>(rows.size()) * grid.RowHeight() + kSheetMargin,
                width,
                CV_8UC3,
                cv::Scalar::all(255));
  for (std::size_t k = 0; k < columns; ++k)
    WriteText(sheet,
              (k == 0 ? "k = " : "") + std::to_string(k),
              {grid.Left(k) + grid.tile_width / 2, kSheetMargin + 10},
              0.6,
              TextAnchor::kCentre);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const int y = top + static_cast<int>(r) * grid.RowHeight();
    for (std::size_t line = 0; line < rows[r].label.size(); ++line)
      WriteText(sheet,
                rows[r].label[line],
                {kSheetMargin, y + grid.tile_height / 2 + static_cast<int>(line) * kSheetLine - 4},
                0.6,
                TextAnchor::kLeft);
    for (Eigen::Index k = 0; k < rows[r].vectors.cols(); ++k) {
      const int x = grid.Left(static_cast<std::size_t>(k));
      PlaceTile(sheet, VectorPicture(rows[r].vectors.col(k), shape), grid, {x, y});
      WriteText(sheet,
                fmt::format("{:.3g}", rows[r].values[k]),
                {x + grid.tile_width / 2, y + grid.tile_height + 17},
                0.48,
                TextAnchor::kCentre);
    }
  }
  return sheet;
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

void DrawBlock(cv::Mat& sheet,
               const std::vector<const Cell*>& cells,
               const std::vector<StripRow>& strip,
               const TileGrid& grid,
               int top) {
  PlaceTile(sheet, ImagePicture(cells[0]->clean), grid, {kSheetMargin, top});
  for (std::size_t r = 0; r < strip.size(); ++r) {
    const int y = top + static_cast<int>(r) * grid.RowHeight();
    const cv::Point label(grid.Left(0) - kLabelColumn + 10, y + grid.tile_height / 2 + 6);
    WriteText(sheet, strip[r].label, label, 0.6, TextAnchor::kLeft);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Array& image = cells[i]->*strip[r].image;
      if (ElementCount(image.shape) > 1)
        PlaceTile(sheet, ImagePicture(image), grid, {grid.Left(i), y});
    }
  }
}

cv::Mat DrawStrips(const std::vector<std::vector<const Cell*>>& blocks,
                   const std::vector<StripRow>& strip,
                   const TileGrid& grid) {
  constexpr int kTop = kSheetMargin + kSheetLine, kBetween = 12;
  const int block_height = static_cast<int>(strip.size()) * grid.RowHeight() + kBetween;
  const int height = kTop + static_cast<int>(blocks.size()) * block_height - kTileGap - kBetween;
  cv::Mat sheet(height + kSheetMargin,
                grid.Left(blocks[0].size()) - kTileGap + kSheetMargin,
                CV_8UC3,
                cv::Scalar::all(255));
  const auto heading = [&](const std::string& text, int left) {
    WriteText(
        sheet, text, {left + grid.tile_width / 2, kSheetMargin + 10}, 0.6, TextAnchor::kCentre);
  };
  heading("clean", kSheetMargin);
  WriteText(sheet,
            "sigma",
            {grid.Left(0) - kLabelColumn + 10, kSheetMargin + 10},
            0.6,
            TextAnchor::kLeft);
  for (std::size_t i = 0; i < blocks[0].size(); ++i)
    heading(SigmaText(blocks[0][i]->sigma), grid.Left(i));
  for (std::size_t b = 0; b < blocks.size(); ++b)
    DrawBlock(sheet, blocks[b], strip, grid, kTop + static_cast<int>(b) * block_height);
  return sheet;
}

}  // namespace

std::optional<Figure> EigenvectorSheet(const RunContents& run,
                                       const std::filesystem::path& folder) {
  if (run.cells.empty() || run.cells[0].deep.eigenvectors.cols() == 0) return std::nullopt;
  const TileGrid grid = MakeTileGrid(run.cells[0].clean.shape, 26);
  const std::size_t columns =
      ColumnsThatFit(grid, std::min<std::size_t>(12, run.cells[0].deep.eigenvectors.cols()));
  const std::filesystem::path path = folder / "eigenvectors.png";
  WritePng(path, DrawVectors(VectorRows(run, columns), run.cells[0].clean.shape, grid, columns));
  return Figure{path,
                fmt::format("Leading eigenvectors v_k of the symmetric part of the Jacobian at "
                            "image {}, by falling noise level, each with its eigenvalue{}. Each is "
                            "scaled by its own largest entry; signs are chosen to agree with the "
                            "row above.",
                            run.cells[0].image,
                            run.reference.basis.cols() > 0
                                ? "; first row: the principal components of the training images"
                                : "")};
}

std::optional<Figure> DenoisedSheet(const RunContents& run, const std::filesystem::path& folder) {
  if (run.cells.empty()) return std::nullopt;
  TileGrid grid = MakeTileGrid(run.cells[0].clean.shape, 0);
  grid.left = kSheetMargin + grid.tile_width + kLabelColumn;
  const std::vector<std::vector<const Cell*>> blocks = Blocks(run, ColumnsThatFit(grid, 8));
  const std::filesystem::path path = folder / "denoised.png";
  WritePng(path, DrawStrips(blocks, StripRows(run), grid));
  return Figure{path,
                fmt::format("Clean, noisy and denoised images by rising noise level, clipped to "
                            "[0,1]{}.",
                            run.cells[0].HasLinear()
                                ? "; Wiener: the linear denoiser fitted to the training images"
                                : "")};
}

}  // namespace denoscope
