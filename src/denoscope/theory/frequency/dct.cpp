#include "denoscope/theory/frequency/dct.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kPi = 3.14159265358979323846;
constexpr double kEdgeSlack = 1e-9;  // of a band: a frequency on an edge belongs to the lower band

// Row k is the k-th orthonormal DCT-II vector of length n.
MatrixXd CosineMatrix(Index n) {
  MatrixXd T(n, n);
  for (Index k = 0; k < n; ++k) {
    const double norm = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(n));
    for (Index i = 0; i < n; ++i) {
      const double phase = static_cast<double>((2 * i + 1) * k) / static_cast<double>(2 * n);
      T(k, i) = norm * std::cos(kPi * phase);
    }
  }
  return T;
}

MatrixXd ChannelMatrix(Index channels) {
  if (channels != 3) return MatrixXd::Identity(channels, channels);
  MatrixXd T(3, 3);
  T.row(0) = Eigen::RowVector3d(1, 1, 1) / std::sqrt(3.0);
  T.row(1) = Eigen::RowVector3d(1, -1, 0) / std::sqrt(2.0);
  T.row(2) = Eigen::RowVector3d(1, 1, -2) / std::sqrt(6.0);
  return T;
}

VectorXd BasisFrequencies(const ImageShape& shape) {
  const double side = static_cast<double>(std::max(shape.H, shape.W));
  VectorXd frequencies(shape.Size());
  Index i = 0;
  for (Index c = 0; c < shape.C; ++c) {
    for (Index ky = 0; ky < shape.H; ++ky) {
      for (Index kx = 0; kx < shape.W; ++kx) {
        const double fx = static_cast<double>(kx) * side / static_cast<double>(2 * shape.W);
        const double fy = static_cast<double>(ky) * side / static_cast<double>(2 * shape.H);
        frequencies(i++) = std::sqrt(fx * fx + fy * fy);
      }
    }
  }
  return frequencies;
}

struct Factors {
  MatrixXd rows, cols, channels;  // (H,H), (W,W), (C,C)
};

// (channels x rows x cols) applied to each column of X. An image (C,H,W) row-major is a
// column-major matrix (W, C H), and (H W, C) too: each factor is then one product, or one for each
// channel.
MatrixXd ApplyFactors(const ImageShape& shape, const Factors& factors, const MatrixXd& X) {
  const Index C = shape.C, H = shape.H, W = shape.W;
  if (X.rows() != shape.Size()) {
    throw Error("dct of images ({},{},{}): columns have {} entries, expected {}",
                C,
                H,
                W,
                X.rows(),
                shape.Size());
  }
  MatrixXd result(X.rows(), X.cols());
  MatrixXd along_x(W, C * H), mixed(H * W, C);
  for (Index j = 0; j < X.cols(); ++j) {
    along_x.noalias() = factors.cols * Eigen::Map<const MatrixXd>(X.col(j).data(), W, C * H);
    for (Index c = 0; c < C; ++c) {
      Eigen::Map<MatrixXd> plane(result.col(j).data() + c * H * W, W, H);
      plane.noalias() = along_x.middleCols(c * H, H) * factors.rows.transpose();
    }
    if (C != 3) continue;
    Eigen::Map<MatrixXd> planes(result.col(j).data(), H * W, C);
    mixed.noalias() = planes * factors.channels.transpose();
    planes = mixed;
  }
  return result;
}

}  // namespace

DctBasis::DctBasis(ImageShape shape) : shape_(shape) {
  if (shape.C < 1 || shape.H < 1 || shape.W < 1) {
    throw Error("dct basis: image shape is ({},{},{}), expected at least (1,1,1)",
                shape.C,
                shape.H,
                shape.W);
  }
  rows_ = CosineMatrix(shape.H);
  cols_ = CosineMatrix(shape.W);
  channels_ = ChannelMatrix(shape.C);
  frequencies_ = BasisFrequencies(shape);
}

MatrixXd DctBasis::Transform(const MatrixXd& images) const {
  return ApplyFactors(shape_, {rows_, cols_, channels_}, images);
}

MatrixXd DctBasis::InverseTransform(const MatrixXd& spectra) const {
  return ApplyFactors(
      shape_, {rows_.transpose(), cols_.transpose(), channels_.transpose()}, spectra);
}

double DctBasis::MaxFrequency() const { return frequencies_.maxCoeff(); }

VectorXd DctBasis::MeanFrequency(const MatrixXd& V) const {
  const MatrixXd energy = Transform(V).cwiseAbs2();
  const VectorXd weighted = energy.transpose() * frequencies_;
  return weighted.array() / energy.colwise().sum().transpose().array();
}

DctBands MakeBands(const DctBasis& basis, int count) {
  if (count < 1) throw Error("dct bands: count is {}, expected at least 1", count);
  const ImageShape& shape = basis.Shape();
  const double width = basis.MaxFrequency() / count;
  DctBands bands;
  bands.groups = shape.C == 3 ? 2 : 1;
  bands.centre = VectorXd::Zero(count + 1);
  for (int b = 1; b <= count; ++b) bands.centre(b) = (b - 0.5) * width;
  bands.size = VectorXd::Zero(bands.groups * bands.Bands());
  bands.band.reserve(static_cast<std::size_t>(shape.Size()));
  for (Index i = 0; i < shape.Size(); ++i) {
    const double f = basis.Frequencies()(i);
    const int group = bands.groups == 2 && i >= shape.H * shape.W ? 1 : 0;
    const int b =
        f > 0 ? std::clamp(static_cast<int>(std::ceil(f / width - kEdgeSlack)), 1, count) : 0;
    bands.band.push_back(group * bands.Bands() + b);
    bands.size(bands.band.back()) += 1;
  }
  return bands;
}

MatrixXd BandEnergies(const DctBasis& basis, const DctBands& bands, const MatrixXd& X) {
  const MatrixXd squares = basis.Transform(X).cwiseAbs2();
  MatrixXd energies = MatrixXd::Zero(bands.size.size(), X.cols());
  for (Index i = 0; i < squares.rows(); ++i)
    energies.row(bands.band[static_cast<std::size_t>(i)]) += squares.row(i);
  return energies;
}

VectorXd BandGain(const DctBasis& basis, const DctBands& bands, const MatrixXd& J) {
  const Index d = basis.Shape().Size();
  if (J.rows() != d || J.cols() != d || static_cast<Index>(bands.band.size()) != d) {
    throw Error("band gain: J has shape ({},{}) and bands {} vectors, expected ({},{}) and {}",
                J.rows(),
                J.cols(),
                bands.band.size(),
                d,
                d,
                d);
  }
  // Two separable transforms give B^T J B, O(d^2 (H + W)), where a dense product costs O(d^3).
  MatrixXd M = basis.Transform(J);
  M.transposeInPlace();
  M = basis.Transform(M);
  VectorXd gain = VectorXd::Zero(bands.size.size());
  for (Index i = 0; i < d; ++i) gain(bands.band[static_cast<std::size_t>(i)]) += M(i, i);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return (bands.size.array() > 0).select(gain.array() / bands.size.array(), nan);
}

}  // namespace denoscope
