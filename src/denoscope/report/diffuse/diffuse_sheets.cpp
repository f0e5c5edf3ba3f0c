#include "denoscope/report/diffuse/diffuse_sheets.h"

#include <fmt/format.h>

#include "denoscope/report/plots/tiles.h"
#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr int kLabels = 190;  // pixels

// One row of pictures: a name and states of (d) without the mean.
struct Row {
  std::string label;
  Eigen::MatrixXd states;  // (d,S)
};

std::vector<Row> RowsOf(const DiffuseRun& run) {
  const NpzReader arrays(run.samples, "samples.npz");
  std::vector<Row> rows;
  for (const ProcessStyle& style : ProcessStyles())
    rows.push_back({style.label, arrays.Matrix(style.name).transpose()});
  return rows;
}

using Paint = cv::Mat (*)(const VectorXd& state, const DiffuseRun& run);

std::filesystem::path DrawRows(const Canvas& canvas,
                               const std::string& name,
                               const DiffuseRun& run,
                               const std::vector<Row>& rows,
                               const Paint& paint) {
  TileGrid grid = MakeTileGrid(canvas, run.reference.image_shape, 0);
  grid.left = kSheetMargin + kLabels;
  const auto states = static_cast<std::size_t>(rows.front().states.cols());
  const std::size_t columns = ColumnsThatFit(canvas, grid, states);
  Sheet sheet(canvas,
              grid.Left(columns) - kTileGap + kSheetMargin,
              2 * kSheetMargin + static_cast<double>(rows.size()) * grid.RowHeight());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double y = kSheetMargin + static_cast<double>(r) * grid.RowHeight();
    sheet.Left(rows[r].label, kSheetMargin, y + grid.tile_height / 2);
    for (std::size_t s = 0; s < columns; ++s)
      sheet.Tile(paint(rows[r].states.col(static_cast<Index>(s)), run), grid, grid.Left(s), y);
  }
  return sheet.Write(name);
}

cv::Mat AsImage(const VectorXd& state, const DiffuseRun& run) {
  const Eigen::VectorXf pixels = (state + run.reference.mean).cast<float>();
  return ImagePicture(Array::From<float>(run.reference.image_shape, pixels.data()));
}

cv::Mat AsDirection(const VectorXd& state, const DiffuseRun& run) {
  const double largest = state.cwiseAbs().maxCoeff();
  const Eigen::VectorXf scaled = (largest > 0 ? VectorXd(state / largest) : state).cast<float>();
  return VectorPicture(scaled, run.reference.image_shape);
}

}  // namespace

Figure SamplesSheet(const DiffuseRun& run, const Canvas& canvas) {
  return {DrawRows(canvas, "samples", run, RowsOf(run), AsImage),
          fmt::format("What each process makes of the same starts (columns), the mean image added, "
                      "clipped to [0,1]; {} schedule. Learned processes: the first trial. A state "
                      "that has vanished shows the mean image; power iteration is scaled.",
                      run.schedule)};
}

Figure DirectionsSheet(const DiffuseRun& run, const Canvas& canvas) {
  std::vector<Row> rows = RowsOf(run);
  const Index columns = rows.front().states.cols();
  rows.insert(rows.begin(), {"PCA u_k", run.reference.basis.leftCols(columns).cast<double>()});
  return {
      DrawRows(canvas, "directions", run, rows, AsDirection),
      "The same states without the mean image, each scaled by its largest value: where a "
      "process has collapsed all columns show u_0, up to sign. First row: the leading principal "
      "components."};
}

}  // namespace denoscope
