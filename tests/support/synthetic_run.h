// A run folder made without networks, for tests of what reads one. PCA modes are DCT vectors by
// rising frequency with lambda_k = strength / (k+1)^decay; the "deep" denoiser is linear, with the
// gains of an optimum whose prior has variances lambda'_k = excess lambda_k^power:
//   g_k = lambda'_k / (lambda'_k + sigma^2),  half at sqrt(lambda'_k).
// Its Jacobian may be roughened by a random matrix, so that it is neither symmetric nor positive.
// Link denoscope_results and denoscope_theory_optimal.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "denoscope/base/random.h"
#include "denoscope/results/emergence_columns.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/theory/frequency/dct.h"
#include "denoscope/theory/frequency/emergence.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {

struct SyntheticRun {
  ImageShape shape = {1, 12, 8};
  std::vector<double> sigmas = {0.1, 0.4, 1.6};
  int images = 2;
  int modes = 20;    // m
  int vectors = 12;  // K
  double strength = 20, decay = 1.6;
  double excess = 0.5, power = 1;
  double roughness = 0;  // of J: entries of this size times sqrt(g_i g_j / d)
  bool training_set = true, evaluation = true;
  bool reversed = false;  // modes by falling frequency
};

// What the records must say, for tests to hold figures and findings against.
struct SyntheticModel {
  DctBasis dct;
  Eigen::MatrixXd basis;                      // (d,d), all modes in columns
  Eigen::VectorXd lambda, deep_lambda, mean;  // (d)
  explicit SyntheticModel(const SyntheticRun& options);
  Eigen::VectorXd Gains(double sigma, bool deep) const {
    return WienerGains(deep ? deep_lambda : lambda, sigma);
  }
};

RunFolder MakeSyntheticRun(const std::filesystem::path& path, const SyntheticRun& options);

inline SyntheticModel::SyntheticModel(const SyntheticRun& options) : dct(options.shape) {
  const Eigen::Index d = options.shape.Size();
  std::vector<Eigen::Index> order(static_cast<std::size_t>(d));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return dct.Frequencies()[a] < dct.Frequencies()[b];
  });
  if (options.reversed) std::reverse(order.begin(), order.end());
  basis = dct.InverseTransform(Eigen::MatrixXd::Identity(d, d))(Eigen::all, order);
  lambda = options.strength *
           Eigen::ArrayXd::LinSpaced(d, 1, static_cast<double>(d)).pow(-options.decay);
  deep_lambda = options.excess * lambda.array().pow(options.power);
  mean = Eigen::VectorXd::Constant(d, 0.5);
}

inline Spectrum SyntheticSpectrum(const SyntheticRun& options,
                                  const SyntheticModel& model,
                                  const Eigen::VectorXd& gains,
                                  RandomStream* roughening) {
  const Eigen::Index d = gains.size(), K = std::min<Eigen::Index>(options.vectors, d);
  Eigen::MatrixXd M = gains.asDiagonal();  // J in the basis of modes
  for (Eigen::Index i = 0; roughening != nullptr && i < d; ++i)
    for (Eigen::Index j = 0; j < d; ++j)
      M(i, j) += options.roughness * std::sqrt(gains[i] * gains[j] / static_cast<double>(d)) *
                 roughening->Normal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver((M + M.transpose()) / 2);
  Spectrum s;
  s.eigenvalues = solver.eigenvalues().reverse();
  s.eigenvectors =
      (model.basis * solver.eigenvectors().rightCols(K).rowwise().reverse()).cast<float>();
  s.eigenvector_frequency = model.dct.MeanFrequency(s.eigenvectors.cast<double>());
  s.pca_gain = M.diagonal().head(options.modes);
  const Eigen::MatrixXd J = model.basis * M * model.basis.transpose();
  s.diagonal = J.diagonal();
  s.band_gain = BandGain(model.dct, MakeBands(model.dct), J);
  s.trace = M.trace();
  s.asymmetry = (M - M.transpose()).norm() / M.norm();
  const double mass = s.eigenvalues.cwiseAbs().sum();
  s.negative_mass = -s.eigenvalues.cwiseMin(0).sum() / mass;
  return s;
}

inline Array SyntheticImage(const ImageShape& shape, const Eigen::VectorXd& pixels) {
  const Eigen::VectorXf floats = pixels.cast<float>();
  return Array::From<float>({shape.C, shape.H, shape.W}, floats.data());
}

inline Cell SyntheticCell(const SyntheticRun& options,
                          const SyntheticModel& model,
                          std::int64_t image,
                          std::size_t s) {
  const Eigen::Index d = options.shape.Size();
  const double sigma = options.sigmas[s];
  RandomStream signal(1, "synthetic-image", static_cast<std::uint64_t>(image));
  RandomStream noise(1, "synthetic-noise", static_cast<std::uint64_t>(image) * 1000 + s);
  Eigen::VectorXd x(d), y(d);
  for (Eigen::Index k = 0; k < d; ++k) x[k] = std::sqrt(model.lambda[k]) * signal.Normal();
  for (Eigen::Index k = 0; k < d; ++k) y[k] = x[k] + sigma * noise.Normal();
  const auto pixels = [&](const Eigen::VectorXd& coefficients) {
    return SyntheticImage(options.shape, model.mean + model.basis * coefficients);
  };
  const Eigen::VectorXd deep = model.Gains(sigma, true), linear = model.Gains(sigma, false);
  Cell cell;
  cell.image = image;
  cell.sigma_index = static_cast<std::int64_t>(s);
  cell.sigma = sigma;
  cell.clean = pixels(x);
  cell.noisy = pixels(y);
  cell.denoised = pixels(deep.cwiseProduct(y));
  cell.deep = SyntheticSpectrum(options, model, deep, options.roughness > 0 ? &noise : nullptr);
  if (!options.training_set) return cell;
  cell.deep.calibration =
      sigma * sigma * cell.deep.trace / static_cast<double>(model.dct.Shape().Size());
  cell.deep.mse = 1.25 * cell.deep.calibration;
  cell.linear_denoised = pixels(linear.cwiseProduct(y));
  cell.linear = SyntheticSpectrum(options, model, linear, nullptr);
  return cell;
}

inline Reference SyntheticReference(const SyntheticRun& options, const SyntheticModel& model) {
  const DctBands bands = MakeBands(model.dct);
  Reference r;
  r.image_shape = {options.shape.C, options.shape.H, options.shape.W};
  r.data_sha256 = "synthetic";
  r.band_centre = bands.centre;
  r.band_groups = bands.groups;
  if (!options.training_set) return r;
  r.n = 1000;
  r.mean = model.mean;
  r.lambda = model.lambda;
  r.basis = model.basis.leftCols(options.modes).cast<float>();
  r.frequency = model.dct.MeanFrequency(model.basis.leftCols(options.modes));
  return r;
}

inline Evaluation SyntheticEvaluation(const SyntheticRun& options,
                                      const SyntheticModel& model,
                                      std::size_t s) {
  Evaluation e;
  e.sigma_index = static_cast<std::int64_t>(s);
  e.images = 1000;
  e.sigma = options.sigmas[s];
  const Eigen::VectorXd deep = model.Gains(e.sigma, true), linear = model.Gains(e.sigma, false);
  e.mse = e.sigma * e.sigma * deep.mean();
  e.mse_error = e.mse / 50;
  if (!options.training_set) return e;
  e.linear_mse = e.sigma * e.sigma * linear.mean();
  e.linear_mse_error = e.linear_mse / 50;
  e.resolved = deep.head(options.modes);
  e.linear_resolved = linear.head(options.modes);
  return e;
}

inline HalfLevel SyntheticHalf(const SyntheticRun& options, const Eigen::VectorXd& curve) {
  const Crossing crossing =
      LastFall(options.sigmas, {curve.data(), curve.data() + curve.size()}, 0.5);
  return {crossing.sigma, kNotComputed, kNotComputed, crossing.censored};
}

inline EmergenceStatistics SyntheticStatistics(const Emergence& e,
                                               const std::string& denoiser,
                                               const std::string& measure,
                                               HalfLevel ModeHalves::*half) {
  std::vector<double> level, lambda, frequency;
  const std::vector<ModeHalves>& modes = denoiser == "deep" ? e.deep : e.linear;
  for (std::size_t k = 0; k < modes.size(); ++k) {
    if ((modes[k].*half).censored != Censoring::kNone) continue;
    level.push_back(std::log((modes[k].*half).sigma));
    lambda.push_back(std::log(e.lambda[static_cast<Eigen::Index>(k)]));
    frequency.push_back(e.frequency[static_cast<Eigen::Index>(k)]);
  }
  EmergenceStatistics s;
  s.denoiser = denoiser;
  s.measure = measure;
  s.modes = static_cast<std::int64_t>(level.size());
  s.censored = static_cast<std::int64_t>(modes.size() - level.size());
  s.rank_lambda.value = RankCorrelation(level, lambda);
  s.rank_frequency.value = RankCorrelation(level, frequency);
  s.partial_frequency.value = PartialRankCorrelation(level, frequency, lambda);
  s.slope.value = Slope(lambda, level);
  s.spread.value = StandardDeviation(level);
  return s;
}

inline Emergence SyntheticEmergence(const SyntheticRun& options,
                                    const Reference& reference,
                                    const SyntheticModel& model) {
  const Eigen::Index m = options.modes, S = static_cast<Eigen::Index>(options.sigmas.size());
  Emergence e;
  e.lambda = model.lambda.head(m);
  e.frequency = reference.frequency;
  e.sigma_critical = e.lambda.cwiseSqrt();
  e.sigmas = Eigen::Map<const Eigen::VectorXd>(options.sigmas.data(), S);
  e.gain.resize(S, m);
  e.linear_gain.resize(S, m);
  for (Eigen::Index s = 0; s < S; ++s) {
    e.gain.row(s) = model.Gains(e.sigmas[s], true).head(m);
    e.linear_gain.row(s) = model.Gains(e.sigmas[s], false).head(m);
  }
  if (options.evaluation) e.resolved = e.gain, e.linear_resolved = e.linear_gain;
  for (const bool deep : {true, false})
    for (Eigen::Index k = 0; k < m; ++k) {
      const Eigen::VectorXd gain = (deep ? e.gain : e.linear_gain).col(k);
      ModeHalves halves;
      halves.gain = SyntheticHalf(options, gain);
      halves.gain_relative = SyntheticHalf(options, gain / gain[0]);
      if (options.evaluation) halves.resolved = halves.gain;
      if (options.evaluation && deep) {
        halves.resolved.low = 0.93 * halves.resolved.sigma;
        halves.resolved.high = 1.08 * halves.resolved.sigma;
      }
      (deep ? e.deep : e.linear).push_back(halves);
    }
  for (const std::string denoiser : {"deep", "linear"}) {
    if (options.evaluation)
      e.statistics.push_back(SyntheticStatistics(e, denoiser, "resolved", &ModeHalves::resolved));
    e.statistics.push_back(SyntheticStatistics(e, denoiser, "gain", &ModeHalves::gain));
    e.statistics.push_back(
        SyntheticStatistics(e, denoiser, "gain_relative", &ModeHalves::gain_relative));
  }
  return e;
}

inline RunFolder MakeSyntheticRun(const std::filesystem::path& path, const SyntheticRun& options) {
  const SyntheticModel model(options);
  RunFolder run = RunFolder::Begin(
      {path, true},
      {{"kind", "analyze"},
       {"version", 1},
       {"identity", {{"model", {{"name", "shrinker_a"}}}, {"data", {{"name", "synthetic"}}}}}});
  const Reference reference = SyntheticReference(options, model);
  WriteNpz(path / "reference.npz", ToNpz(reference));
  for (std::size_t s = 0; s < options.sigmas.size(); ++s) {
    for (std::int64_t image = 0; image < options.images; ++image) {
      const Cell cell = SyntheticCell(options, model, image, s);
      const CellKey key = {cell.image, cell.sigma_index, cell.draw, cell.sigma};
      WriteNpz(run.CellPath(CellName(key)), ToNpz(cell));
    }
    if (options.evaluation)
      WriteNpz(run.CellPath(EvaluationName(options.sigmas[s])),
               ToNpz(SyntheticEvaluation(options, model, s)));
  }
  if (options.training_set) {
    const Emergence emergence = SyntheticEmergence(options, reference, model);
    WriteNpz(path / kModesFile, ToNpz(emergence));
    WriteCsv(path / kModeHalves.file, HalvesTable(emergence));
    WriteCsv(path / kStatistics.file, StatisticsTable(emergence.statistics));
  }
  run.SetManifest("status", "complete");
  return run;
}

}  // namespace denoscope
