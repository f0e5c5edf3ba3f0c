#include "denoscope/report/posterior_sheet.h"

#include <algorithm>
#include <cmath>

#include "denoscope/image/png.h"
#include "denoscope/report/run_contents.h"
#include "denoscope/report/tiles.h"

namespace denoscope {
namespace {

using Eigen::VectorXd;

constexpr int kLabels = 150, kTitle = 34, kHeading = 26, kCaption = 24, kBetween = 14;
constexpr std::size_t kMostLevels = 3, kMostComponents = 6;
constexpr double kText = 0.6, kSmall = 0.46;

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
  Block(cv::Mat& sheet, const TileGrid& grid, const Posterior& posterior, int top)
      : sheet_(sheet), grid_(grid), p_(posterior), top_(top) {}

  void Draw(std::size_t components) {
    WriteText(sheet_, Title(), {kSheetMargin, top_ + 20}, kText, TextAnchor::kLeft);
    DrawImages();
    DrawMaps();
    const char* const rows[] = {"v", "D - 2 sd v", "D", "D + 2 sd v"};
    for (int r = 0; r < 4; ++r)
      WriteText(sheet_,
                rows[r],
                {grid_.Left(0) - kLabels + 24, StripY(r) + grid_.tile_height / 2 + 6},
                kText,
                TextAnchor::kLeft);
    for (std::size_t k = 0; k < components; ++k) DrawComponent(static_cast<Eigen::Index>(k));
  }

 private:
  int Y(int row) const { return top_ + kTitle + kHeading + row * grid_.RowHeight(); }
  // Of a component: only v has a caption.
  int StripY(int row) const {
    return Y(0) + row * (grid_.tile_height + kTileGap) + (row > 0 ? kCaption : 0);
  }

  std::string Title() const {
    const std::string error = p_.total_error > 0 ? fmt::format(" +- {:.1g}", p_.total_error) : "";
    return fmt::format("sigma {}: total variance {:.3g}{}, squared error made {:.3g}",
                       SigmaText(p_.sigma),
                       p_.total_variance,
                       error,
                       p_.SquaredError());
  }

  void Tile(const cv::Mat& picture, int column_left, int row, const std::string& caption) {
    PlaceTile(sheet_, picture, grid_, {column_left, Y(row)});
    WriteText(sheet_,
              caption,
              {column_left + grid_.tile_width / 2, Y(row) + grid_.tile_height + 17},
              kSmall,
              TextAnchor::kCentre);
  }

  void DrawImages() {
    Tile(ImagePicture(p_.clean), kSheetMargin, 0, "clean x");
    Tile(ImagePicture(p_.noisy), kSheetMargin, 1, "noisy y");
    Tile(ImagePicture(p_.denoised), kSheetMargin, 2, "denoised D");
  }

  // On one map, the error over twice the range: two deviations are the same colour as one of both.
  void DrawMaps() {
    const int left = kSheetMargin + grid_.tile_width + kTileGap;
    const Shape& shape = p_.clean.shape;
    const VectorXd deviations = p_.Deviations(), errors = Values(p_.clean) - Values(p_.denoised);
    const double largest = deviations.maxCoeff();
    Tile(MapPicture(deviations, shape, largest), left, 0, fmt::format("sd, to {:.2g}", largest));
    Tile(MapPicture(errors, shape, 2 * largest),
         left,
         1,
         fmt::format("|x - D|, to {:.2g}", 2 * largest));
    constexpr int kBar = 14;
    TileGrid bar = grid_;
    bar.tile_height = kBar;
    const VectorXd ramp = VectorXd::LinSpaced(grid_.tile_width, 0, 1);
    PlaceTile(sheet_, MapPicture(ramp, {1, 1, ramp.size()}, 1), bar, {left, Y(2)});
    WriteText(sheet_, "0", {left, Y(2) + kBar + 17}, kSmall, TextAnchor::kLeft);
    WriteText(sheet_,
              "largest",
              {left + grid_.tile_width - 28, Y(2) + kBar + 17},
              kSmall,
              TextAnchor::kCentre);
  }

  void DrawComponent(Eigen::Index k) {
    const int left = grid_.Left(static_cast<std::size_t>(k));
    WriteText(sheet_,
              (k == 0 ? "k = " : "") + std::to_string(k),
              {left + grid_.tile_width / 2, Y(0) - 8},
              kText,
              TextAnchor::kCentre);
    Tile(VectorPicture(p_.components.col(k), p_.clean.shape), left, 0, Variance(k));
    for (const int times : {-2, 0, 2})
      PlaceTile(sheet_, ImagePicture(Moved(p_, k, times)), grid_, {left, StripY(2 + times / 2)});
  }

  std::string Variance(Eigen::Index k) const {
    const double share = p_.Shares()(k);
    return fmt::format("{:.2g}", p_.variances(k)) +
           (std::isfinite(share) ? fmt::format(" ({:.0f} %)", 100 * share) : "");
  }

  cv::Mat& sheet_;
  const TileGrid& grid_;
  const Posterior& p_;
  int top_;
};

}  // namespace

Figure PosteriorSheet(const PosteriorRun& run,
                      std::int64_t image,
                      const std::filesystem::path& folder) {
  const std::vector<const Posterior*> levels = LevelsOf(run, image);
  TileGrid grid = MakeTileGrid(levels[0]->clean.shape, kCaption);
  grid.left = kSheetMargin + 2 * (grid.tile_width + kTileGap) + kLabels;
  const std::size_t components = ColumnsThatFit(
      grid, std::min(kMostComponents, static_cast<std::size_t>(levels[0]->variances.size())));
  const int block = kTitle + kHeading + 4 * (grid.tile_height + kTileGap) + kCaption + kBetween;
  cv::Mat sheet(kSheetMargin + static_cast<int>(levels.size()) * block,
                grid.Left(components) - kTileGap + kSheetMargin,
                CV_8UC3,
                cv::Scalar::all(255));
  for (std::size_t i = 0; i < levels.size(); ++i)
    Block(sheet, grid, *levels[i], kSheetMargin / 2 + static_cast<int>(i) * block).Draw(components);
  const std::filesystem::path path = folder / fmt::format("posterior_img-{:05}.png", image);
  WritePng(path, sheet);
  return {
      path,
      fmt::format("The posterior sigma^2 J at image {} by noise level: standard deviation of each "
                  "pixel beside the error made, on the same map over twice the range; leading "
                  "components v of sym(J), each with its variance and its share of the total, and "
                  "the estimate moved along it by two standard deviations. Images are clipped to "
                  "[0,1].",
                  image)};
}

}  // namespace denoscope
