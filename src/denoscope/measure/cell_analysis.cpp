#include "denoscope/measure/cell_analysis.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "denoscope/measure/reference.h"
#include "denoscope/measure/surroundings.h"
#include "denoscope/theory/pca/eigenvalues.h"

namespace denoscope {
namespace {

constexpr Eigen::Index kSketch = 32;  // columns of a sketch of J: |J|_F to sqrt(2/32) or better

Reference MakeReference(const AnalysisInput& input,
                        std::int64_t modes,
                        const DctBasis& dct,
                        const DctBands& bands) {
  Reference r = ReferenceOfShape(dct.Shape());
  r.band_centre = bands.centre;
  r.band_groups = bands.groups;
  if (input.pca)
    SetModes(*input.pca, UsefulModes(input.pca->eigenvalues, modes), input.pca_sha256, dct, r);
  return r;
}

}  // namespace

CellAnalysis::CellAnalysis(const AnalysisInput& input, CellOptions options)
    : input_(input),
      options_(std::move(options)),
      dct_(input.images.ImageSize()),
      bands_(MakeBands(dct_)),
      reference_(MakeReference(input, options_.modes, dct_, bands_)),
      probes_(ToMatrixF(StandardNoise(
          {input.images.ImageSize().Size(), kSketch}, options_.seed, "analyze/sketch"))) {
  if (input.pca) wiener_ = MakeWienerDenoiser(input.pca, input.images.ImageSize());
}

Cell CellAnalysis::Compute(const CellKey& key, const NoisyPair& pair) {
  const auto& [x, y] = pair;
  const JacobianAt at = DenseJacobian(input_.denoiser, y, key.sigma, options_.jacobian);
  const Eigen::MatrixXf J = ToMatrixF(at.J);
  Cell cell;
  cell.image = key.image;
  cell.draw = key.draw;
  cell.sigma_index = key.sigma_index;
  cell.sigma = key.sigma;
  cell.clean = ToArray(x);
  cell.noisy = ToArray(y);
  cell.denoised = ToArray(at.denoised);
  cell.deep = AnalyzeJacobian(
      J, {dct_, bands_, reference_.basis, key.sigma, options_.sigmas, probes_}, options_.spectrum);
  AddIdentities(ToVectorD(x), ToVectorD(y), ToVectorD(at.denoised), J, key.sigma, cell.deep);
  AddSurroundings(
      input_.denoiser,
      input_.images,
      {pair, at.denoised, key.sigma, J},
      options_.seed,
      fmt::format("{}/surroundings/{}", CellStream(key.image, key.draw), key.sigma_index),
      cell.deep);
  if (wiener_) AddLinearTwin(key, pair, cell);
  return cell;
}

void CellAnalysis::AddLinearTwin(const CellKey& key, const NoisyPair& pair, Cell& cell) {
  const auto& [x, y] = pair;
  if (twin_.sigma_index != key.sigma_index) {
    twin_.J = ToMatrixF(DenseJacobian(*wiener_, y, key.sigma, options_.jacobian).J);
    twin_.spectrum = AnalyzeJacobian(
        twin_.J, {dct_, bands_, reference_.basis, key.sigma, {}, {}}, options_.spectrum);
    twin_.sigma_index = key.sigma_index;
  }
  const at::NoGradGuard no_gradient;
  const torch::Tensor denoised = wiener_->Denoise(y.unsqueeze(0), key.sigma)[0];
  cell.linear = twin_.spectrum;
  cell.linear_denoised = ToArray(denoised);
  AddIdentities(ToVectorD(x), ToVectorD(y), ToVectorD(denoised), twin_.J, key.sigma, cell.linear);
}

}  // namespace denoscope
