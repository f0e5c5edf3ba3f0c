#include "denoscope/measure/pca_reference.h"

#include <algorithm>
#include <cmath>

#include "denoscope/image/tensors.h"
#include "denoscope/measure/reference.h"
#include "denoscope/results/npz_members.h"
#include "denoscope/theory/frequency/dct.h"
#include "denoscope/theory/frequency/power_law.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/theory/pca/leading_pca.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr int kAutomaticLevels = 14;

// Standard error of the mean of (u_k^T (x - m))^2, for the columns u_k of `basis`.
VectorXd EigenvalueErrors(const SampleSource& source, const VectorXd& mean, const MatrixXf& basis) {
  VectorXd sum = VectorXd::Zero(basis.cols()), squares = sum;
  ForEachBlock(source, [&](const MatrixXf& block) {
    const MatrixXf centred = block.colwise() - mean.cast<float>();
    const MatrixXd energies = (basis.transpose() * centred).cast<double>().cwiseAbs2();
    sum += energies.rowwise().sum();
    squares += energies.cwiseAbs2().rowwise().sum();
  });
  const double n = static_cast<double>(source.n);
  return ((squares - sum.cwiseAbs2() / n).cwiseMax(0) / (n * (n - 1))).cwiseSqrt();
}

// Fills held_out_mse and held_out_error.
void EvaluateWiener(const SampleSource& held_out, const LeadingPca& pca, PcaReference& reference) {
  const Index modes = pca.basis.cols(), levels = reference.sigmas.size();
  MatrixXd left(levels, modes);  // (1 - g)^2
  VectorXd noise(levels);        // sigma^2 sum g^2
  for (Index s = 0; s < levels; ++s) {
    const VectorXd gains = WienerGains(pca.eigenvalues.head(modes), reference.sigmas(s));
    left.row(s) = (1 - gains.array()).square();
    noise(s) = std::pow(reference.sigmas(s), 2) * gains.squaredNorm();
  }
  VectorXd sum = VectorXd::Zero(levels), squares = sum;
  ForEachBlock(held_out, [&](const MatrixXf& block) {
    const MatrixXf centred = block.colwise() - pca.mean.cast<float>();
    const MatrixXd energies = (pca.basis.transpose() * centred).cast<double>().cwiseAbs2();
    const Eigen::RowVectorXd outside =
        (centred.cast<double>().colwise().squaredNorm() - energies.colwise().sum()).cwiseMax(0);
    const MatrixXd errors = ((left * energies).rowwise() + outside).colwise() + noise;
    sum += errors.rowwise().sum();
    squares += errors.cwiseAbs2().rowwise().sum();
  });
  const double n = static_cast<double>(held_out.n), d = static_cast<double>(held_out.d);
  reference.held_out_mse = sum / (n * d);
  reference.held_out_error =
      ((squares - sum.cwiseAbs2() / n).cwiseMax(0) / (n * (n - 1))).cwiseSqrt() / d;
  reference.held_out_modes = modes;
}

Reference RecordOf(const ImageSet& images, const LeadingPca& pca, Index modes, Index d) {
  const DctBasis dct(images.ImageSize());
  const DctBands bands = MakeBands(dct);
  Reference r = ReferenceOfShape(images.ImageSize());
  SetModes({pca.n,
            pca.mean,
            CompletedSpectrum(pca.eigenvalues, pca.total_variance, d),
            pca.basis.leftCols(modes).cast<double>()},
           modes,
           images.Sha256(),
           dct,
           r);
  r.band_centre = bands.centre;
  r.band_groups = bands.groups;
  return r;
}

}  // namespace

Npz ToNpz(const PcaReference& r) {
  Npz npz = ToNpz(r.record);
  npz["measured"] = Scalar(static_cast<double>(r.measured));
  npz["total_variance"] = Scalar(r.total_variance);
  npz["lambda_error"] = Doubles(r.lambda_error);
  npz["residuals"] = Doubles(r.residuals);
  npz["sigmas"] = Doubles(r.sigmas);
  npz["held_out_mse"] = Doubles(r.held_out_mse);
  npz["held_out_error"] = Doubles(r.held_out_error);
  npz["held_out_modes"] = Scalar(static_cast<double>(r.held_out_modes));
  return npz;
}

PcaReference PcaReferenceFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader file(npz, source);
  PcaReference r;
  r.record = ReferenceFromNpz(npz, source);
  r.measured = file.Whole("measured");
  r.total_variance = file.Number("total_variance");
  r.lambda_error = file.Vector("lambda_error");
  r.residuals = file.Vector("residuals");
  r.sigmas = file.Vector("sigmas");
  r.held_out_mse = file.Vector("held_out_mse");
  r.held_out_error = file.Vector("held_out_error");
  r.held_out_modes = file.Whole("held_out_modes");
  return r;
}

SampleSource SourceOf(const ImageSet& images) {
  SampleSource source;
  source.d = images.ImageSize().Size();
  source.n = images.Count();
  source.read = [images](std::int64_t begin, std::int64_t end) -> MatrixXf {
    return ToMatrixF(images.Range(begin, end).flatten(1)).transpose();
  };
  return source;
}

PcaReference MakePcaReference(const ImageSet& images,
                              const ImageSet& held_out,
                              const PcaReferenceOptions& options) {
  const SampleSource source = SourceOf(images);
  LeadingPcaOptions leading;
  leading.exact_up_to = options.exact_up_to;
  leading.seed = options.seed;
  const Index most = std::min<Index>(source.d, source.n - 1);
  leading.count = source.d <= options.exact_up_to ? most : options.modes;
  const LeadingPca pca = ComputeLeadingPca(source, leading);
  if (!pca.complete) throw Error("pca of '{}': {}", images.Name(), pca.status);
  PcaReference reference;
  reference.record = RecordOf(images, pca, options.modes, source.d);
  reference.measured = pca.eigenvalues.size();
  reference.total_variance = pca.total_variance;
  reference.lambda_error = EigenvalueErrors(source, pca.mean, reference.record.basis);
  reference.residuals = pca.residuals.head(options.modes);
  reference.sigmas = options.sigmas.empty()
                         ? AutomaticSigmas(pca.eigenvalues, kAutomaticLevels)
                         : VectorXd(Eigen::Map<const VectorXd>(
                               options.sigmas.data(), static_cast<Index>(options.sigmas.size())));
  EvaluateWiener(SourceOf(held_out), pca, reference);
  return reference;
}

}  // namespace denoscope
