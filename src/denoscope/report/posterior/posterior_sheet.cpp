#include "denoscope/report/posterior/posterior_sheet.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/tiles.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

using Eigen::VectorXd;

constexpr double kLabels = 150, kTitle = 34, kHeading = 26, kMapGap = 14, kBetween = 14;  // pixels
constexpr int kCaption = 2;                                                               // lines
constexpr std::size_t kMostLevels = 3, kMostComponents = 6;

VectorXd Values(const Array& a) {
  const std::vector<double> values = a.AsDoubles();
  return Eigen::Map<const VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

// D + times * sd_k v_k.
Array Moved(const Posterior& p, Eigen::Index k, double times) {
  const double deviation = std::sqrt(std::max(0.0, p.variances(k)));
  const Eigen::VectorXf moved =
      (Values(p.denoised) + times * deviation * p.components.col(k).cast<double>()).cast<float>();
  return Array::From<float>(p.clean.shape, moved.data());
}

// Of the image, the least noise first.
std::vector<const Posterior*> LevelsOf(const PosteriorRun& run, std::int64_t image) {
  std::vector<const Posterior*> all, chosen;
  for (const Posterior& p : run.posteriors)
    if (p.image == image) all.push_back(&p);
  for (const std::size_t i : EvenChoice(all.size(), kMostLevels)) chosen.push_back(all[i]);
  return chosen;
}

class Block {
 public:
  Block(Sheet& sheet, const TileGrid& grid, const Posterior& posterior, double top)
      : sheet_(sheet), grid_(grid), p_(posterior), top_(top) {}

  void Draw(std::size_t components) {
    sheet_.Left(Title(), kSheetMargin, top_ + kTitle / 2);
    DrawImages();
    DrawMaps();
    const char* const rows[] = {"v", "D − 2 sd v", "D", "D + 2 sd v"};
    for (int r = 0; r < 4; ++r)
      sheet_.Left(rows[r], grid_.Left(0) - kLabels + 24, StripY(r) + grid_.tile_height / 2);
    for (std::size_t k = 0; k < components; ++k) DrawComponent(k);
  }

 private:
  double Y(int row) const { return top_ + kTitle + kHeading + row * grid_.RowHeight(); }
  // Of a component: only v has a caption.
  double StripY(int row) const {
    return Y(0) + row * (grid_.tile_height + kTileGap) + (row > 0 ? kCaption * kSheetLine : 0);
  }

  std::string Title() const {
    const std::string error = p_.total_error > 0 ? " ± " + TileNumber(p_.total_error) : "";
    return fmt::format("σ = {}: total variance {:.3g}{}, squared error {:.3g}",
                       SigmaText(p_.sigma),
                       p_.total_variance,
                       error,
                       p_.SquaredError());
  }

  void Tile(const cv::Mat& picture,
            double left,
            int row,
            const std::string& caption,
            const std::string& more = "") {
    sheet_.Tile(picture, grid_, left, Y(row));
    const double centre = left + grid_.tile_width / 2;
    const double line = Y(row) + grid_.tile_height + kSheetLine / 2;
    sheet_.Centre(caption, centre, line);
    if (!more.empty()) sheet_.Centre(more, centre, line + kSheetLine - 3);
  }

  void DrawImages() {
    Tile(ImagePicture(p_.clean), kSheetMargin, 0, "clean x");
    Tile(ImagePicture(p_.noisy), kSheetMargin, 1, "noisy y");
    Tile(ImagePicture(p_.denoised), kSheetMargin, 2, "estimate", "D");
  }

  // On one map, the error over twice the range: two deviations are the same colour as one of both.
  void DrawMaps() {
    const double left = kSheetMargin + grid_.tile_width + kMapGap;
    const Shape& shape = p_.clean.shape;
    const VectorXd deviations = p_.Deviations(), errors = Values(p_.clean) - Values(p_.denoised);
    const double largest = deviations.maxCoeff();
    Tile(MapPicture(deviations, shape, largest), left, 0, "sd,", fmt::format("to {:.2g}", largest));
    Tile(MapPicture(errors, shape, 2 * largest),
         left,
         1,
         "|x − D|,",
         fmt::format("to {:.2g}", 2 * largest));
    TileGrid bar = grid_;
    bar.tile_height = 14;
    const VectorXd ramp = VectorXd::LinSpaced(256, 0, 1);
    sheet_.Tile(MapPicture(ramp, {1, 1, ramp.size()}, 1), bar, left, Y(2));
    const double line = Y(2) + bar.tile_height + kSheetLine / 2;
    sheet_.Left("0", left, line);
    sheet_.Centre("most", left + grid_.tile_width - 26, line);
  }

  void DrawComponent(std::size_t column) {
    const auto k = static_cast<Eigen::Index>(column);
    const double left = grid_.Left(column), share = p_.Shares()(k);
    sheet_.Centre((k == 0 ? "k = " : "") + std::to_string(k), grid_.Centre(column), Y(0) - 14);
    Tile(VectorPicture(p_.components.col(k), p_.clean.shape),
         left,
         0,
         TileNumber(p_.variances(k)),
         std::isfinite(share) ? fmt::format("{:.0f} %", 100 * share) : "");
    for (const int times : {-2, 0, 2})
      sheet_.Tile(ImagePicture(Moved(p_, k, times)), grid_, left, StripY(2 + times / 2));
  }

  Sheet& sheet_;
  const TileGrid& grid_;
  const Posterior& p_;
  double top_;
};

}  // namespace

Figure PosteriorSheet(const PosteriorRun& run, std::int64_t image, const Canvas& canvas) {
  const std::vector<const Posterior*> levels = LevelsOf(run, image);
  TileGrid grid = MakeTileGrid(canvas, levels[0]->clean.shape, kCaption);
  grid.left = kSheetMargin + 2 * grid.tile_width + kMapGap + kLabels;
  const std::size_t components = ColumnsThatFit(
      canvas,
      grid,
      std::min(kMostComponents, static_cast<std::size_t>(levels[0]->variances.size())));
  const double strip = 4 * (grid.tile_height + kTileGap) + kCaption * kSheetLine;
  const double block = kTitle + kHeading + std::max(strip, 3 * grid.RowHeight()) + kBetween;
  Sheet sheet(canvas,
              grid.Left(components) - kTileGap + kSheetMargin,
              kSheetMargin + static_cast<double>(levels.size()) * block);
  for (std::size_t i = 0; i < levels.size(); ++i)
    Block(sheet, grid, *levels[i], kSheetMargin / 2 + static_cast<double>(i) * block)
        .Draw(components);
  return {
      sheet.Write(fmt::format("posterior_img-{:05}", image)),
      fmt::format("The posterior sigma^2 J at image {} by noise level: standard deviation of each "
                  "pixel beside the error made, on the same map over twice the range; leading "
                  "components v of sym(J), each with its variance and its share of the total, and "
                  "the estimate moved along it by two standard deviations. Images are clipped to "
                  "[0,1].",
                  image)};
}

}  // namespace denoscope
