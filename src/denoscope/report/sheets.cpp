#include "denoscope/report/sheets.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "denoscope/image/png.h"
#include "denoscope/report/palette.h"

namespace denoscope {
namespace {

constexpr int kTile = 90, kWidest = 1700, kMargin = 16, kGap = 8, kLabelColumn = 118, kLine = 26;
const cv::Scalar kInk(50, 50, 50), kFrame(190, 190, 190);

cv::Vec3b Bgr(const Colour& c) {
  return {cv::saturate_cast<uchar>(c[2]),
          cv::saturate_cast<uchar>(c[1]),
          cv::saturate_cast<uchar>(c[0])};
}

// Channels of `values`, (C,H,W) flattened: gray unless C = 3.
Colour PixelAt(const float* values, const Shape& shape, std::int64_t pixel) {
  const std::int64_t plane = shape[1] * shape[2];
  Colour colour = {};
  for (std::size_t c = 0; c < colour.size(); ++c)
    colour[c] = values[(shape[0] == 3 ? static_cast<std::int64_t>(c) * plane : 0) + pixel];
  return colour;
}

template <typename Paint>
cv::Mat Painted(const float* values, const Shape& shape, const Paint& paint) {
  cv::Mat picture(static_cast<int>(shape[1]), static_cast<int>(shape[2]), CV_8UC3);
  for (std::int64_t i = 0; i < shape[1] * shape[2]; ++i)
    picture.at<cv::Vec3b>(static_cast<int>(i / shape[2]), static_cast<int>(i % shape[2])) =
        Bgr(paint(PixelAt(values, shape, i)));
  return picture;
}

cv::Mat ImagePicture(const Array& image) {
  return Painted(image.Data<float>(), image.shape, [](Colour c) {
    for (double& value : c) value = 255 * std::clamp(value, 0.0, 1.0);
    return c;
  });
}

// 0 is white (gray for colour images), the entry of largest modulus at an end of the map.
cv::Mat VectorPicture(const Eigen::VectorXf& vector, const Shape& shape) {
  const double largest = std::max<double>(vector.cwiseAbs().maxCoeff(), 1e-30);
  return Painted(vector.data(), shape, [&](Colour c) {
    if (shape[0] != 3) return Diverging(c[0] / largest);
    for (double& value : c) value = 127.5 * (1 + value / largest);
    return c;
  });
}

struct Grid {
  int scale = 1, tile_width = 0, tile_height = 0;
  int row_extra = 0;  // room under each tile for a number
  int left = kMargin + kLabelColumn;
  int Left(std::size_t column) const {
    return left + static_cast<int>(column) * (tile_width + kGap);
  }
  int RowHeight() const { return tile_height + row_extra + kGap; }
};

Grid MakeGrid(const Shape& shape, int row_extra) {
  Grid grid;
  grid.scale = std::max<int>(1,
                             (kTile + static_cast<int>(std::max(shape[1], shape[2])) - 1) /
                                 static_cast<int>(std::max(shape[1], shape[2])));
  grid.tile_width = grid.scale * static_cast<int>(shape[2]);
  grid.tile_height = grid.scale * static_cast<int>(shape[1]);
  grid.row_extra = row_extra;
  return grid;
}

std::size_t ColumnsThatFit(const Grid& grid, std::size_t wanted) {
  const int fit = (kWidest - kMargin - grid.left) / (grid.tile_width + kGap);
  return std::min(wanted, static_cast<std::size_t>(std::max(fit, 3)));
}

enum class Anchor { kLeft, kCentre };

void Write(cv::Mat& sheet, const std::string& text, cv::Point at, double size, Anchor anchor) {
  constexpr int kFont = cv::FONT_HERSHEY_DUPLEX;
  if (anchor == Anchor::kCentre) at.x -= cv::getTextSize(text, kFont, size, 1, nullptr).width / 2;
  cv::putText(sheet, text, at, kFont, size, kInk, 1, cv::LINE_AA);
}

void Place(cv::Mat& sheet, const cv::Mat& picture, const Grid& grid, cv::Point at) {
  const cv::Rect place(at.x, at.y, grid.tile_width, grid.tile_height);
  cv::resize(picture, sheet(place), place.size(), 0, 0, cv::INTER_NEAREST);
  cv::rectangle(sheet, cv::Rect(at.x - 1, at.y - 1, place.width + 2, place.height + 2), kFrame, 1);
}

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
                    const Grid& grid,
                    std::size_t columns) {
  const int width = grid.Left(columns) - kGap + kMargin;
  const int top = kMargin + kLine;
  cv::Mat sheet(top + static_cast<int>(rows.size()) * grid.RowHeight() + kMargin,
                width,
                CV_8UC3,
                cv::Scalar::all(255));
  for (std::size_t k = 0; k < columns; ++k)
    Write(sheet,
          (k == 0 ? "k = " : "") + std::to_string(k),
          {grid.Left(k) + grid.tile_width / 2, kMargin + 10},
          0.6,
          Anchor::kCentre);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const int y = top + static_cast<int>(r) * grid.RowHeight();
    for (std::size_t line = 0; line < rows[r].label.size(); ++line)
      Write(sheet,
            rows[r].label[line],
            {kMargin, y + grid.tile_height / 2 + static_cast<int>(line) * kLine - 4},
            0.6,
            Anchor::kLeft);
    for (Eigen::Index k = 0; k < rows[r].vectors.cols(); ++k) {
      const int x = grid.Left(static_cast<std::size_t>(k));
      Place(sheet, VectorPicture(rows[r].vectors.col(k), shape), grid, {x, y});
      Write(sheet,
            fmt::format("{:.3g}", rows[r].values[k]),
            {x + grid.tile_width / 2, y + grid.tile_height + 17},
            0.48,
            Anchor::kCentre);
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
               const Grid& grid,
               int top) {
  Place(sheet, ImagePicture(cells[0]->clean), grid, {kMargin, top});
  for (std::size_t r = 0; r < strip.size(); ++r) {
    const int y = top + static_cast<int>(r) * grid.RowHeight();
    const cv::Point label(grid.Left(0) - kLabelColumn + 10, y + grid.tile_height / 2 + 6);
    Write(sheet, strip[r].label, label, 0.6, Anchor::kLeft);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Array& image = cells[i]->*strip[r].image;
      if (ElementCount(image.shape) > 1) Place(sheet, ImagePicture(image), grid, {grid.Left(i), y});
    }
  }
}

cv::Mat DrawStrips(const std::vector<std::vector<const Cell*>>& blocks,
                   const std::vector<StripRow>& strip,
                   const Grid& grid) {
  constexpr int kTop = kMargin + kLine, kBetween = 12;
  const int block_height = static_cast<int>(strip.size()) * grid.RowHeight() + kBetween;
  const int height = kTop + static_cast<int>(blocks.size()) * block_height - kGap - kBetween;
  cv::Mat sheet(height + kMargin,
                grid.Left(blocks[0].size()) - kGap + kMargin,
                CV_8UC3,
                cv::Scalar::all(255));
  const auto heading = [&](const std::string& text, int left) {
    Write(sheet, text, {left + grid.tile_width / 2, kMargin + 10}, 0.6, Anchor::kCentre);
  };
  heading("clean", kMargin);
  Write(sheet, "sigma", {grid.Left(0) - kLabelColumn + 10, kMargin + 10}, 0.6, Anchor::kLeft);
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
  const Grid grid = MakeGrid(run.cells[0].clean.shape, 26);
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
  Grid grid = MakeGrid(run.cells[0].clean.shape, 0);
  grid.left = kMargin + grid.tile_width + kLabelColumn;
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
