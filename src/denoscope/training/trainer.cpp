#include "denoscope/training/trainer.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/data/noise.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/folder_lock.h"
#include "denoscope/image/quality.h"
#include "denoscope/theory/wiener.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Json OptionsJson(const TrainOptions& o,
                 const ModelDescription& d,
                 const ImageSet& images,
                 bool fresh) {
  Json json = {{"data", images.Name()},
               {"data_sha256", images.Sha256()},
               {"fresh_draws", fresh},
               {"validation_images", o.validation_images},
               {"architecture", d.architecture},
               {"prediction", PredictionName(d.parameterisation.prediction)},
               {"steps", o.steps},
               {"batch", o.batch},
               {"optimizer", OptimizerName(o.optimizer.kind)},
               {"learning_rate", o.optimizer.learning_rate},
               {"weight_decay", o.optimizer.weight_decay},
               {"noise", NoiseLawName(o.objective.law)},
               {"weighting", WeightingName(o.objective.weighting)},
               {"warmup", o.warmup},
               {"clip_norm", o.clip_norm},
               {"ema_decay", o.ema_decay},
               {"sigma_low", d.trained_sigmas->low},
               {"sigma_high", d.trained_sigmas->high},
               {"flips", o.flips},
               {"validate_every", o.validate_every},
               {"patience", o.patience},
               {"seed", o.seed}};
  if (o.training_images > 0) json["training_images"] = o.training_images;
  if (o.keep_last) json["keep_last"] = true;
  const Json network = d.Options();
  for (const auto& [name, value] : network.items()) json[name] = value;
  if (o.objective.law == NoiseLaw::kLogNormal) {
    json["log_mean"] = o.objective.log_mean;
    json["log_deviation"] = o.objective.log_deviation;
  }
  return json;
}

double RootMeanSquare(const ImageSet& images) {
  constexpr std::int64_t kBlock = 2048;
  double sum = 0;
  for (std::int64_t i = 0; i < images.Count(); i += kBlock)
    sum += images.Range(i, std::min(i + kBlock, images.Count()))
               .to(torch::kFloat64)
               .square()
               .sum()
               .item<double>();
  return std::sqrt(sum / static_cast<double>(images.Count() * images.ImageSize().Size()));
}

double Score(const std::vector<ValidationPoint>& points) {
  double sum = 0;
  for (const ValidationPoint& p : points) sum += std::log(p.mse / p.wiener_mse);
  return points.empty() ? 0 : sum / static_cast<double>(points.size());
}

class Trainer {
 public:
  Trainer(const ModelDescription& description,
          TrainingImages images,
          const TrainOptions& options,
          fs::path folder,
          Json identity)
      : description_(description),
        options_(options),
        images_(std::move(images)),
        folder_(std::move(folder)),
        identity_(std::move(identity)),
        state_(description.Table(), options.optimizer, options.seed),
        denoiser_(MakeDenoiser(state_.Network())),
        averaged_denoiser_(MakeDenoiser(state_.Averaged())) {
    state_.Network()->train();
    if (fs::exists(CheckpointPath())) state_.Restore(CheckpointPath(), identity_);
  }

  const TrainingState& State() const { return state_; }
  double WaitingSeconds() const { return waiting_; }

  void TrainStep() {
    const auto step = static_cast<std::uint64_t>(state_.step);
    torch::Tensor x, y, sigma, weight;
    waiting_ += SecondsOf([&] {
      x = images_.Batch(state_.step, options_.flips);
      std::tie(sigma, weight) = SigmasAndWeights();
      y = x + sigma.to(torch::kFloat32).view({-1, 1, 1, 1}) *
                  StandardNoise(x.sizes(), options_.seed, "train/noise", step);
    });
    const torch::Tensor loss = (weight * (Estimate(*denoiser_, y, sigma) - x).square()).mean();
    const double value = loss.item<double>();
    if (!std::isfinite(value)) Diverged(fmt::format("loss is {}", value));
    state_.Optimizer().zero_grad();
    loss.backward();
    const double norm =
        torch::nn::utils::clip_grad_norm_(state_.Network()->parameters(), options_.clip_norm);
    if (!std::isfinite(norm)) Diverged(fmt::format("norm of the gradient is {}", norm));
    state_.SetLearningRate(LearningRate());
    state_.Optimizer().step();
    state_.smooth_loss = state_.step == 0 ? value : 0.98 * state_.smooth_loss + 0.02 * value;
    ++state_.step;
    // A short memory at first, so that the random start does not linger.
    const double steps = static_cast<double>(state_.step);
    state_.Average(std::min(options_.ema_decay, (1.0 + steps) / (10.0 + steps)));
  }

  std::vector<ValidationPoint> Validate(const Denoiser& wiener) const {
    torch::NoGradGuard no_gradient;
    std::vector<ValidationPoint> points;
    for (const double sigma : Levels()) points.push_back(ValidateAt(sigma, wiener));
    return points;
  }

  // Records a validation: a line of metrics, and the average if it is the best so far.
  void Record(const std::vector<ValidationPoint>& validation) {
    const bool best = state_.KeepIfBest(options_.keep_last ? -static_cast<double>(state_.step)
                                                           : Score(validation));
    Json line = {{"step", state_.step},
                 {"images", state_.step * options_.batch},
                 {"loss", state_.smooth_loss},
                 {"learning_rate", LearningRate()},
                 {"best", best}};
    for (const ValidationPoint& p : validation)
      line["validation"].push_back(
          {{"sigma", p.sigma}, {"mse", p.mse}, {"wiener_mse", p.wiener_mse}});
    state_.metrics += line.dump() + "\n";
    WriteFile(folder_ / "metrics.jsonl", state_.metrics);
  }

  bool Done() const {
    return state_.step >= options_.steps ||
           (options_.patience > 0 && state_.validations_since_best >= options_.patience);
  }

  void Save() const { state_.Save(CheckpointPath(), identity_); }

  void Finish(double seconds) {
    state_.UseBest();
    description_.training = identity_;
    description_.training["steps_done"] = state_.step;
    description_.training["best_step"] = state_.best_step;
    description_.training["seconds"] = std::round(seconds);
    SaveModel(folder_, description_, *state_.Averaged());
    fs::remove(CheckpointPath());
  }

 private:
  std::unique_ptr<NetworkDenoiser> MakeDenoiser(
      const std::shared_ptr<TableNetwork>& network) const {
    return std::make_unique<NetworkDenoiser>(folder_.filename().string(),
                                             network,
                                             description_.parameterisation,
                                             description_.trained_sigmas);
  }

  fs::path CheckpointPath() const { return folder_ / "checkpoint.safetensors"; }

  [[noreturn]] void Diverged(const std::string& what) const {
    throw Error("training: {} at step {}; {}. A lower learning rate may help",
                what,
                state_.step,
                fs::exists(CheckpointPath()) ? "the last checkpoint is kept"
                                             : "there is no checkpoint yet");
  }

  // Weights that have run off give an output that is not finite before the loss is looked at.
  torch::Tensor Estimate(const Denoiser& denoiser,
                         const torch::Tensor& y,
                         const torch::Tensor& sigma) const {
    try {
      return denoiser.Denoise(y, sigma);
    } catch (const Error& e) {
      Diverged(e.what());
    }
  }

  // (B) float64 and (B,1,1,1) float32.
  std::pair<torch::Tensor, torch::Tensor> SigmasAndWeights() const {
    RandomStream random(options_.seed, "train/sigma", static_cast<std::uint64_t>(state_.step));
    const std::vector<double> sigmas =
        DrawSigmas(options_.objective, *description_.trained_sigmas, options_.batch, random);
    std::vector<double> weights;
    for (const double sigma : sigmas)
      weights.push_back(
          LossWeight(options_.objective, sigma, description_.parameterisation.data_rms));
    return {torch::tensor(sigmas, torch::kFloat64),
            torch::tensor(weights, torch::kFloat64).to(torch::kFloat32).view({-1, 1, 1, 1})};
  }

  // The reference levels of the trained range, or its only one.
  std::vector<double> Levels() const {
    const SigmaRange& range = *description_.trained_sigmas;
    std::vector<double> levels;
    for (const double sigma : ReferenceSigmas())
      if (sigma >= range.low && sigma <= range.high) levels.push_back(sigma);
    if (levels.empty()) levels.push_back(std::sqrt(range.low * range.high));
    return levels;
  }

  ValidationPoint ValidateAt(double sigma, const Denoiser& wiener) const {
    constexpr std::int64_t kBlock = 250;
    const ImageSet& held_out = images_.HeldOut();
    ValidationPoint point{sigma, 0, 0};
    for (std::int64_t i = 0; i < held_out.Count(); i += kBlock) {
      const torch::Tensor x = held_out.Range(i, std::min(i + kBlock, held_out.Count()));
      const torch::Tensor z = StandardNoise(x.sizes(),
                                            options_.seed,
                                            fmt::format("validation/{}", sigma),
                                            static_cast<std::uint64_t>(i));
      const torch::Tensor y = x + sigma * z;
      const double share = static_cast<double>(x.size(0)) / static_cast<double>(held_out.Count());
      const torch::Tensor sigmas = torch::full({x.size(0)}, sigma, torch::kFloat64);
      point.mse += share * Mse(Estimate(*averaged_denoiser_, y, sigmas), x);
      point.wiener_mse += share * Mse(wiener.Denoise(y, sigma), x);
    }
    return point;
  }

  double LearningRate() const {
    const double step = static_cast<double>(state_.step);
    const double warm =
        options_.warmup > 0 ? std::min(1.0, (step + 1) / static_cast<double>(options_.warmup)) : 1;
    const double done = std::min(1.0, step / static_cast<double>(options_.steps));
    return options_.optimizer.learning_rate * warm * 0.5 * (1 + std::cos(M_PI * done));
  }

  ModelDescription description_;
  TrainOptions options_;
  TrainingImages images_;
  fs::path folder_;
  Json identity_;
  TrainingState state_;
  std::unique_ptr<NetworkDenoiser> denoiser_, averaged_denoiser_;
  double waiting_ = 0;  // seconds of this run
};

std::string Note(const TrainingState& state, const std::vector<ValidationPoint>& validation) {
  std::string note = fmt::format("loss {:.4f}", state.smooth_loss);
  if (!validation.empty()) note += ", mse/wiener";
  for (const ValidationPoint& p : validation)
    note += fmt::format(" {:g}:{:.2f}", p.sigma, p.mse / p.wiener_mse);
  return note;
}

// Steps until done, saving on the way.
void RunSteps(Trainer& trainer,
              const TrainOptions& options,
              const Denoiser& wiener,
              const ProgressSink& progress) {
  constexpr double kSecondsASave = 60;
  const std::int64_t begin = trainer.State().step;
  auto saved = Clock::now();
  std::vector<ValidationPoint> validation;
  while (!trainer.Done()) {
    trainer.TrainStep();
    const std::int64_t step = trainer.State().step;
    const bool validates = step % options.validate_every == 0 || step == options.steps;
    if (validates) {
      validation = trainer.Validate(wiener);
      trainer.Record(validation);
    }
    progress({"training", step, options.steps, begin, "steps", Note(trainer.State(), validation)});
    const bool cancelled = CancelRequested() && !trainer.Done();
    if (cancelled || (!trainer.Done() && (validates || SecondsSince(saved) > kSecondsASave))) {
      trainer.Save();
      saved = Clock::now();
    }
    if (cancelled)
      throw Interrupted(
          "training: interrupted at step {} of {}; the same command resumes", step, options.steps);
  }
}

}  // namespace

void TrainOptions::Check() const {
  objective.Check();
  if (steps < 1 || batch < 1 || warmup < 0 || validation_images < 2 || validate_every < 1 ||
      patience < 0 || training_images < 0)
    throw Error(
        "training: steps, batch, validate_every >= 1, patience, warmup, training_images >= 0 and "
        "validation_images >= 2 expected, found {}, {}, {}, {}, {}, {}, {}",
        steps,
        batch,
        validate_every,
        patience,
        warmup,
        training_images,
        validation_images);
  if (!(optimizer.learning_rate > 0) || !(clip_norm > 0) || !(ema_decay >= 0 && ema_decay < 1) ||
      !(optimizer.weight_decay >= 0))
    throw Error(
        "training: learning_rate and clip_norm > 0, ema_decay in [0,1) and weight_decay >= 0 "
        "expected, found {}, {}, {}, {}",
        optimizer.learning_rate,
        clip_norm,
        ema_decay,
        optimizer.weight_decay);
  if (!(sigmas.low > 0) || !std::isfinite(sigmas.high) ||
      !(sigmas.high == 0 || sigmas.high >= sigmas.low))
    throw Error(
        "training: sigma range must be 0 < low <= high, found {} to {}", sigmas.low, sigmas.high);
}

const std::vector<double>& ReferenceSigmas() {
  static const std::vector<double> sigmas = {0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 5};
  return sigmas;
}

TrainReport Train(ModelDescription description,
                  const ImageSet& set,
                  const TrainOptions& options,
                  const fs::path& folder,
                  const ProgressSink& progress,
                  const FreshImages& fresh) {
  options.Check();
  if (fs::exists(folder / "model.json"))
    throw Error("model '{}': already trained, use --force to train it again", folder.string());
  TrainingImages images(set,
                        {options.training_images, options.validation_images},
                        options.batch,
                        options.seed,
                        fresh);
  const auto pca = std::make_shared<const Pca>(PcaOf(images.TrainedOn()));
  description.FitTo(set.ImageSize());
  description.parameterisation.data_rms = RootMeanSquare(images.TrainedOn());
  description.trained_sigmas = options.sigmas;
  if (options.sigmas.high == 0)
    description.trained_sigmas->high = 3 * std::sqrt(pca->eigenvalues[0]);
  const auto wiener = MakeWienerDenoiser(pca, set.ImageSize());
  fs::create_directories(folder);
  const FolderLock lock(folder, "training");

  const Json identity = OptionsJson(options, description, set, static_cast<bool>(fresh));
  Trainer trainer(description, std::move(images), options, folder, identity);
  const std::int64_t begin = trainer.State().step;
  TrainReport report;
  report.seconds = SecondsOf([&] { RunSteps(trainer, options, *wiener, progress); });
  report.steps = trainer.State().step;
  report.best_step = trainer.State().best_step;
  report.images = report.steps * options.batch;
  report.images_per_second =
      static_cast<double>((report.steps - begin) * options.batch) / report.seconds;
  report.waiting_share = trainer.WaitingSeconds() / report.seconds;
  trainer.Finish(report.seconds);
  report.validation = trainer.Validate(*wiener);
  report.model = LoadModel(folder);
  return report;
}

}  // namespace denoscope
