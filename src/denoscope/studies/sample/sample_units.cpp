#include "denoscope/studies/sample/sample_units.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/data/noise.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/linalg/block_krylov.h"

namespace denoscope {
namespace {

using torch::Tensor;

constexpr std::int64_t kUnit = 16;  // samples

class Unit {
 public:
  Unit(const AnalysisInput& input, const SampleOptions& options, const SampleUnit& unit)
      : input_(input),
        options_(options),
        unit_(unit),
        shape_(input.images.ImageSize()),
        levels_(PathLevels(options)) {
    for (const std::size_t i : KeptStates(static_cast<std::size_t>(levels_.size())))
      kept_.push_back(static_cast<std::int64_t>(i));
  }

  Path Walk(const Denoiser& denoiser) const {
    SamplerOptions sampler;
    sampler.kind = options_.sampler;
    sampler.levels = levels_;
    Recorder recorder(*this);
    const Samples samples = RunSampler(
        denoiser,
        Starts(),
        sampler,
        [&](std::int64_t step) { return Draw("sample/noise", step); },
        [&](const SamplerState& state) { recorder.Record(state); });
    return recorder.Finish(samples);
  }

  FixedPoints JacobiansAtTheEnd(const Path& path) const {
    const Eigen::Index B = path.Samples(), d = shape_.Size();
    FixedPoints fixed = {Eigen::VectorXd::Constant(B, kNotComputed),
                         Eigen::VectorXd::Constant(B, kNotComputed),
                         Eigen::MatrixXf::Zero(d, B),
                         Eigen::MatrixXf::Zero(d, B)};
    const Tensor states = ToTensor(path.noisy)[path.States() - 1];
    KrylovOptions krylov;
    krylov.count = 1;
    krylov.seed = options_.seed;
    for (Eigen::Index b = 0; b < B; ++b) {
      if (!path.Whole(b)) continue;
      const auto J = MakeJacobianOperator(input_.denoiser, states[b], options_.fixed_sigma);
      const RitzPairs pair = LeadingEigenpairs(SymmetricPart(*J), krylov);
      fixed.eigenvalue[b] = pair.values[0];
      fixed.residual[b] = pair.residuals[0];
      fixed.eigenvector.col(b) = pair.vectors.col(0);
      fixed.step_image.col(b) = J->Apply(LastStep(path, b).cast<float>());
    }
    return fixed;
  }

 private:
  // The kept states of the path; of `blind`, where samples go at their own speed, each sample's
  // first state at or below a level.
  class Recorder {
   public:
    explicit Recorder(const Unit& unit)
        : unit_(unit),
          reached_(static_cast<std::size_t>(unit.unit_.count), 0),
          sigmas_(Eigen::MatrixXd::Constant(unit.States(), unit.unit_.count, kNotComputed)) {
      const std::vector<std::int64_t> shape = {
          unit.States(), unit.unit_.count, unit.shape_.C, unit.shape_.H, unit.shape_.W};
      noisy_ = at::full(shape, std::numeric_limits<float>::quiet_NaN());
      denoised_ = noisy_.clone();
    }

    void Record(const SamplerState& state) {
      const auto B = static_cast<std::int64_t>(reached_.size());
      const bool blind = unit_.options_.sampler == Sampler::kBlind;
      for (std::int64_t b = 0; b < B; ++b) {
        auto& next = reached_[static_cast<std::size_t>(b)];
        const double sigma = state.sigmas[b].item<double>();
        const auto due = [&] {
          const std::int64_t level = unit_.kept_[static_cast<std::size_t>(next)];
          return blind ? sigma <= unit_.levels_(level) * kAtLevel : state.step == level;
        };
        while (next < unit_.States() && due()) Keep(state, b, next++, sigma);
      }
    }

    Path Finish(const Samples& samples) {
      Path path;
      path.sigmas = sigmas_;
      path.noisy = ToArray(noisy_);
      path.denoised = ToArray(denoised_);
      const auto entries = [](const std::vector<std::int64_t>& steps) {
        return Eigen::Map<const Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>>(
                   steps.data(), static_cast<Eigen::Index>(steps.size()))
            .cast<double>()
            .eval();
      };
      path.diverged = entries(samples.diverged);
      path.finished = entries(samples.finished);
      return path;
    }

   private:
    static constexpr double kAtLevel = 1 + 1e-9;

    void Keep(const SamplerState& state, std::int64_t b, std::int64_t t, double sigma) {
      noisy_[t][b] = state.x[b];
      denoised_[t][b] = state.denoised[b];
      sigmas_(t, b) = sigma;
    }

    const Unit& unit_;
    std::vector<std::int64_t> reached_;  // by sample: states kept so far
    Eigen::MatrixXd sigmas_;
    Tensor noisy_, denoised_;
  };

  std::int64_t States() const { return static_cast<std::int64_t>(kept_.size()); }

  // (B,C,H,W), each sample from its own stream.
  Tensor Draw(const char* what, std::int64_t index) const {
    std::vector<Tensor> draws;
    for (std::int64_t i = unit_.first; i < unit_.first + unit_.count; ++i)
      draws.push_back(StandardNoise({shape_.C, shape_.H, shape_.W},
                                    options_.seed,
                                    fmt::format("{}/{}", what, i),
                                    static_cast<std::uint64_t>(index)));
    return at::stack(draws);
  }

  Tensor Starts() const {
    const Tensor noise = levels_(0) * Draw("sample/start", 0);
    if (options_.start == StartKind::kNoise) return noise;
    const Pca& pca = *input_.pca;
    const Eigen::MatrixXd z = ToMatrixD(Draw("sample/start", 1).flatten(1)).transpose();  // (d,B)
    const Eigen::MatrixXd x =
        (pca.basis * (pca.eigenvalues.cwiseSqrt().asDiagonal() * z)).colwise() + pca.mean;
    return noise + ToTensor(Eigen::MatrixXd(x.transpose())).to(torch::kFloat32).view(noise.sizes());
  }

  const AnalysisInput& input_;
  const SampleOptions& options_;
  SampleUnit unit_;
  ImageShape shape_;
  Eigen::VectorXd levels_;
  std::vector<std::int64_t> kept_;
};

}  // namespace

std::string SampleUnit::Name() const {
  return fmt::format("{}{:04}-{:04}", kPathsPrefix, first, first + count - 1);
}

std::string SampleUnit::Note() const { return fmt::format("{} samples a unit", count); }

std::vector<SampleUnit> SampleUnits(const SampleOptions& options) {
  std::vector<SampleUnit> units;
  for (std::int64_t first = 0; first < options.samples; first += kUnit)
    units.push_back({first, std::min(kUnit, options.samples - first)});
  return units;
}

Trajectories ComputeSampleUnit(const AnalysisInput& input,
                               const Denoiser* wiener,
                               const SampleOptions& options,
                               const SampleUnit& sample_unit) {
  const Unit unit(input, options, sample_unit);
  Trajectories trajectories;
  trajectories.first = sample_unit.first;
  trajectories.deep = unit.Walk(input.denoiser);
  if (wiener) trajectories.linear = unit.Walk(*wiener);
  if (options.fixed_sigma > 0) trajectories.fixed = unit.JacobiansAtTheEnd(trajectories.deep);
  return trajectories;
}

Trajectories ReadTrajectories(const RunFolder& run, const SampleOptions& options) {
  std::vector<Trajectories> parts;
  for (const SampleUnit& unit : SampleUnits(options)) {
    const std::filesystem::path file = run.CellPath(unit.Name());
    if (!run.HasCell(unit.Name()))
      throw Error("run '{}': unit '{}' is missing", run.Path().string(), unit.Name());
    parts.push_back(TrajectoriesFromNpz(ReadNpz(file), file.string()));
  }
  return Merged(parts);
}

}  // namespace denoscope
