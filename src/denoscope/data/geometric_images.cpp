#include "denoscope/data/geometric_images.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kPi = 3.14159265358979323846;
constexpr double kRegionDeviation = 0.1;    // of gray within a region
constexpr double kContourDeviation = 0.12;  // of the contour from a straight line, of the size

// The share of a pixel inside a boundary `distance` pixels away, inside > 0.
double Coverage(double distance) { return std::clamp(0.5 + distance, 0.0, 1.0); }

// Calls pixel(i, x, y) for each pixel's number and position from the centre.
template <typename Pixel>
void ForEachPixel(Index size, const Pixel& pixel) {
  const double centre = 0.5 * static_cast<double>(size - 1);
  for (Index i = 0; i < size * size; ++i)
    pixel(i, static_cast<double>(i % size) - centre, static_cast<double>(i / size) - centre);
}

// sum_k a_k cos(k angle), k from 1, by Clenshaw's recurrence.
double CosineSum(const VectorXd& a, double angle) {
  const double c = std::cos(angle);
  double last = 0, before = 0;
  for (Index k = a.size(); k > 0; --k) {
    const double next = a(k - 1) + 2 * c * last - before;
    before = last;
    last = next;
  }
  return c * last - before;
}

template <typename Image>
MatrixXf Columns(Index d, std::int64_t begin, std::int64_t end, const Image& image) {
  MatrixXf samples(d, end - begin);
  for (std::int64_t i = begin; i < end; ++i) {
    StopIfCancelled("synthetic images");
    samples.col(i - begin) = image(i).template cast<float>();
  }
  return samples;
}

VectorXd Normals(const VectorXd& deviations, RandomStream& random) {
  VectorXd values(deviations.size());
  for (Index k = 0; k < values.size(); ++k) values(k) = deviations(k) * random.Normal();
  return values;
}

VectorXd Disc(Index size, RandomStream& random) {
  const auto side = static_cast<double>(size);
  const double ground = random.Uniform(), disc = random.Uniform();
  const double x0 = side * (random.Uniform() - 0.5), y0 = side * (random.Uniform() - 0.5);
  const double radius = side * (1 + 2 * random.Uniform()) / 8;
  VectorXd image(size * size);
  ForEachPixel(size, [&](Index i, double x, double y) {
    image(i) = ground + (disc - ground) * Coverage(radius - std::hypot(x - x0, y - y0));
  });
  return image;
}

}  // namespace

MatrixXf DiscImages(Index size, std::uint64_t seed, std::int64_t begin, std::int64_t end) {
  return Columns(size * size, begin, end, [&](std::int64_t i) {
    RandomStream random(seed, "disc image", static_cast<std::uint64_t>(i));
    return Disc(size, random);
  });
}

ContourImages::ContourImages(Index size, double alpha)
    : dct_({1, size, size}), region_(size * size), contour_(size / 2) {
  for (Index i = 0; i < region_.size(); ++i)
    region_(i) = i == 0 ? 0 : std::pow(dct_.Frequencies()(i), -(alpha + 1));
  for (Index k = 0; k < contour_.size(); ++k)
    contour_(k) = std::pow(static_cast<double>(k + 1), -(alpha + 0.5));
  const auto side = static_cast<double>(size);
  region_ *= kRegionDeviation * side / region_.norm();
  contour_ *= kContourDeviation * side * std::sqrt(2) / contour_.norm();
}

MatrixXf ContourImages::Samples(std::uint64_t seed, std::int64_t begin, std::int64_t end) const {
  return Columns(region_.size(), begin, end, [&](std::int64_t i) { return Image(seed, i); });
}

VectorXd ContourImages::Image(std::uint64_t seed, std::int64_t index) const {
  RandomStream random(seed, "contour image", static_cast<std::uint64_t>(index));
  const Index size = dct_.Shape().H;
  const auto side = static_cast<double>(size);
  Eigen::MatrixXd regions(region_.size(), 2);
  for (Index j = 0; j < 2; ++j) {
    const double mean = 0.2 + 0.6 * random.Uniform();
    regions.col(j) = dct_.InverseTransform(Normals(region_, random)).col(0).array() + mean;
  }
  const double direction = 2 * kPi * random.Uniform();
  const double offset = side * 0.5 * (random.Uniform() - 0.5);
  const VectorXd contour = Normals(contour_, random);
  const double across = std::cos(direction), along = std::sin(direction);
  VectorXd image(region_.size());
  ForEachPixel(size, [&](Index i, double x, double y) {
    const double u = across * x + along * y, v = across * y - along * x;
    // u spans the diagonal: angles 0 to pi.
    const double angle = kPi * (0.5 + u / (std::sqrt(2) * side));
    const double share = Coverage(v - offset - CosineSum(contour, angle));
    image(i) = share * regions(i, 0) + (1 - share) * regions(i, 1);
  });
  return image;
}

}  // namespace denoscope
