#include "denoscope/report/plots/contact_sheet.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "denoscope/image/tensors.h"
#include "denoscope/report/plots/tiles.h"

namespace denoscope {

cv::Mat ContactSheet(const torch::Tensor& images) {
  constexpr std::size_t kColumns = 10;
  const Canvas canvas;
  TileGrid grid = MakeTileGrid(canvas, {images.size(1), images.size(2), images.size(3)}, 0);
  grid.left = kSheetMargin;
  const auto count = static_cast<std::size_t>(images.size(0));
  const std::size_t columns = ColumnsThatFit(canvas, grid, std::min(count, kColumns));
  const std::size_t rows = (count + columns - 1) / columns;
  Sheet sheet(canvas,
              grid.Left(columns) - kTileGap + kSheetMargin,
              2 * kSheetMargin + static_cast<double>(rows) * grid.RowHeight() - kTileGap);
  for (std::size_t i = 0; i < count; ++i) {
    const double top = kSheetMargin + static_cast<double>(i / columns) * grid.RowHeight();
    const Array image = ToArray(images[static_cast<std::int64_t>(i)]);
    sheet.Tile(ImagePicture(image), grid, grid.Left(i % columns), top);
  }
  return sheet.Tiles();
}

}  // namespace denoscope
