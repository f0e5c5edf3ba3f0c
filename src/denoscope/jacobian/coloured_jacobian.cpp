#include "denoscope/jacobian/coloured_jacobian.h"

#include <algorithm>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;

struct Pixel {
  Index c, y, x;
};
Pixel PixelOf(Index i, const ImageShape& s) { return {i / (s.H * s.W), i / s.W % s.H, i % s.W}; }

void CheckOperator(const LinearOperator& J, const ImageShape& shape) {
  if (J.Rows() != shape.Size() || J.Cols() != shape.Size())
    throw Error("jacobian: expected ({0},{0}) for images of {1} x {2} x {3}, found ({4},{5})",
                shape.Size(),
                shape.C,
                shape.H,
                shape.W,
                J.Rows(),
                J.Cols());
}

}  // namespace

ColouredJacobian ColourJacobian(const LinearOperator& J, const ImageShape& s, std::int64_t field) {
  CheckOperator(J, s);
  if (field < 1 || field % 2 == 0)
    throw Error("jacobian: expected an odd receptive field, found {}", field);
  const Index R = field, radius = R / 2, d = s.Size();
  ColouredJacobian result;
  result.field = field;
  std::vector<Eigen::Triplet<float, std::int64_t>> entries;
  entries.reserve(
      static_cast<std::size_t>(d * s.C * std::min<Index>(R, s.H) * std::min<Index>(R, s.W)));
  for (Index c = 0; c < s.C; ++c)
    for (Index a = 0; a < std::min<Index>(R, s.H); ++a) {
      // The colours of one row of the R x R square together.
      const Index count = std::min<Index>(R, s.W);
      Eigen::MatrixXf U = Eigen::MatrixXf::Zero(d, count);
      for (Index y = a; y < s.H; y += R)
        for (Index x = 0; x < s.W; ++x) U((c * s.H + y) * s.W + x, x % R) = 1;
      const Eigen::MatrixXf G = J.ApplyTranspose(U);
      result.products += count;
      for (Index y = a; y < s.H; y += R)
        for (Index x = 0; x < s.W; ++x)
          for (Index k = 0; k < s.C; ++k)
            for (Index v = std::max<Index>(0, y - radius); v <= std::min(s.H - 1, y + radius); ++v)
              for (Index w = std::max<Index>(0, x - radius); w <= std::min(s.W - 1, x + radius);
                   ++w) {
                const Index column = (k * s.H + v) * s.W + w;
                entries.emplace_back((c * s.H + y) * s.W + x, column, G(column, x % R));
              }
    }
  result.J.resize(d, d);
  result.J.setFromTriplets(entries.begin(), entries.end());
  return result;
}

FieldProbe ProbeField(const LinearOperator& J,
                      const ImageShape& s,
                      std::int64_t rows,
                      std::uint64_t seed) {
  CheckOperator(J, s);
  const Index d = s.Size(), count = std::clamp<Index>(rows, 1, d);
  const std::vector<std::int64_t> order =
      RandomStream(seed, "jacobian/field").Permutation(static_cast<std::int64_t>(d));
  Eigen::MatrixXf U = Eigen::MatrixXf::Zero(d, count);
  for (Index j = 0; j < count; ++j) U(order[static_cast<std::size_t>(j)], j) = 1;
  const Eigen::MatrixXf G = J.ApplyTranspose(U);
  Index radius = 0;
  for (Index j = 0; j < count; ++j) {
    const Pixel p = PixelOf(order[static_cast<std::size_t>(j)], s);
    for (Index i = 0; i < d; ++i) {
      if (G(i, j) == 0) continue;
      const Pixel q = PixelOf(i, s);
      radius = std::max({radius, std::abs(p.y - q.y), std::abs(p.x - q.x)});
    }
  }
  FieldProbe probe;
  probe.rows = count;
  const Index R = 2 * radius + 1;
  if (R * R < s.H * s.W) {
    probe.field = R;
    probe.certainty = fmt::format(
        "{} of {} rows hold nothing outside {} x {}; a dependence that these rows do not show "
        "would "
        "be missed",
        count,
        d,
        R,
        R);
  } else {
    probe.certainty = fmt::format(
        "a row depends on pixels {} away: at {} x {} the Jacobian is dense", radius, s.H, s.W);
  }
  return probe;
}

}  // namespace denoscope
