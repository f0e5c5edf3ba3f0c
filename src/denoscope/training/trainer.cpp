#include "denoscope/training/trainer.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <sstream>

#include "denoscope/base/cancel.h"
#include "denoscope/base/random.h"
#include "denoscope/data/noise.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/safetensors.h"
#include "denoscope/image/quality.h"
#include "denoscope/image/tensors.h"
#include "denoscope/theory/wiener.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Weights = std::map<std::string, Array>;

Json OptionsJson(const TrainOptions& o, const ModelDescription& d, const ImageSet& images) {
  return {{"data", images.Name()},
          {"data_sha256", images.Sha256()},
          {"validation_images", o.validation_images},
          {"features", d.unet.features},
          {"blocks", d.unet.blocks},
          {"biases", d.unet.biases},
          {"sigma_map", d.unet.sigma_map},
          {"prediction", PredictionName(d.parameterisation.prediction)},
          {"steps", o.steps},
          {"batch", o.batch},
          {"learning_rate", o.learning_rate},
          {"warmup", o.warmup},
          {"clip_norm", o.clip_norm},
          {"ema_decay", o.ema_decay},
          {"sigma_low", d.trained_sigmas->low},
          {"sigma_high", d.trained_sigmas->high},
          {"seed", o.seed}};
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

// The trainer's whole state; everything but the constants goes through a checkpoint.
class Trainer {
 public:
  Trainer(const ModelDescription& description,
          const ImageSet& images,
          const TrainOptions& options,
          fs::path folder)
      : description_(description),
        options_(options),
        trained_(images.Subset(0, images.Count() - options.validation_images)),
        held_out_(images.Subset(images.Count() - options.validation_images, images.Count())),
        folder_(std::move(folder)),
        identity_(OptionsJson(options, description, images)) {
    torch::manual_seed(StreamSeed(options_.seed, "train/weights"));
    network_ = std::make_shared<TableNetwork>(description_.Table());
    denoiser_ = MakeDenoiser(network_);
    network_->train();
    averaged_ = std::make_shared<TableNetwork>(description_.Table());
    averaged_denoiser_ = MakeDenoiser(averaged_);
    averaged_->Load(network_->Weights(), "initial weights");
    optimizer_ = std::make_unique<torch::optim::Adam>(
        network_->parameters(), torch::optim::AdamOptions(options_.learning_rate));
    if (fs::exists(CheckpointPath())) Restore();
  }

  std::int64_t Step() const { return step_; }

  double SmoothLoss() const { return smooth_loss_; }

  void TrainStep() {
    const torch::Tensor x = trained_.Images(BatchIndices());
    const torch::Tensor sigma = BatchSigmas();
    const torch::Tensor s = sigma.to(torch::kFloat32).view({-1, 1, 1, 1});
    const auto step = static_cast<std::uint64_t>(step_);
    const torch::Tensor y = x + s * StandardNoise(x.sizes(), options_.seed, "train/noise", step);
    const double q = description_.parameterisation.data_rms;
    const torch::Tensor weight = (s.square() + q * q) / (s * q).square();
    const torch::Tensor loss = (weight * (Estimate(*denoiser_, y, sigma) - x).square()).mean();
    const double value = loss.item<double>();
    if (!std::isfinite(value))
      throw Error("training: loss is {} at step {}; the last checkpoint is kept", value, step_);
    optimizer_->zero_grad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(network_->parameters(), options_.clip_norm);
    static_cast<torch::optim::AdamOptions&>(optimizer_->param_groups()[0].options())
        .lr(LearningRate());
    optimizer_->step();
    smooth_loss_ = step_ == 0 ? value : 0.98 * smooth_loss_ + 0.02 * value;
    ++step_;
    Average();
  }

  std::vector<ValidationPoint> Validate(const Denoiser& wiener) const {
    torch::NoGradGuard no_gradient;
    std::vector<ValidationPoint> points;
    for (const double sigma : ReferenceSigmas()) {
      if (sigma < description_.trained_sigmas->low || sigma > description_.trained_sigmas->high)
        continue;
      ValidationPoint point{sigma, 0, 0};
      constexpr std::int64_t kBlock = 250;
      for (std::int64_t i = 0; i < held_out_.Count(); i += kBlock) {
        const torch::Tensor x = held_out_.Range(i, std::min(i + kBlock, held_out_.Count()));
        const torch::Tensor z = StandardNoise(x.sizes(),
                                              options_.seed,
                                              fmt::format("validation/{}", sigma),
                                              static_cast<std::uint64_t>(i));
        const torch::Tensor y = x + sigma * z;
        const double share =
            static_cast<double>(x.size(0)) / static_cast<double>(held_out_.Count());
        const torch::Tensor sigmas = torch::full({x.size(0)}, sigma, torch::kFloat64);
        point.mse += share * Mse(Estimate(*averaged_denoiser_, y, sigmas), x);
        point.wiener_mse += share * Mse(wiener.Denoise(y, sigma), x);
      }
      points.push_back(point);
    }
    return points;
  }

  void AddMetrics(const std::vector<ValidationPoint>& validation) {
    Json line = {{"step", step_},
                 {"images", step_ * options_.batch},
                 {"loss", smooth_loss_},
                 {"learning_rate", LearningRate()}};
    for (const ValidationPoint& p : validation)
      line["validation"].push_back(
          {{"sigma", p.sigma}, {"mse", p.mse}, {"wiener_mse", p.wiener_mse}});
    metrics_ += line.dump() + "\n";
    WriteFile(folder_ / "metrics.jsonl", metrics_);
  }

  void Save() const {
    Safetensors state;
    for (const auto& [name, array] : network_->Weights()) state.tensors["network." + name] = array;
    for (const auto& [name, array] : averaged_->Weights()) state.tensors["average." + name] = array;
    torch::serialize::OutputArchive archive;
    optimizer_->save(archive);
    std::ostringstream stream;
    archive.save_to(stream);
    const std::string bytes = stream.str();
    state.tensors["optimizer"] =
        Array::From<std::uint8_t>({static_cast<std::int64_t>(bytes.size())},
                                  reinterpret_cast<const std::uint8_t*>(bytes.data()));
    state.metadata = {{"step", std::to_string(step_)},
                      {"options", identity_.dump()},
                      {"metrics", metrics_},
                      {"smooth_loss", fmt::format("{:a}", smooth_loss_)}};
    WriteSafetensors(CheckpointPath(), state);
  }

  void Finish(double seconds) {
    description_.training = identity_;
    description_.training["seconds"] = std::round(seconds);
    SaveModel(folder_, description_, *averaged_);
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

  // Weights that have run off give an output that is not finite before the loss is looked at.
  torch::Tensor Estimate(const Denoiser& denoiser,
                         const torch::Tensor& y,
                         const torch::Tensor& sigma) const {
    try {
      return denoiser.Denoise(y, sigma);
    } catch (const Error& e) {
      throw Error("training: {} at step {}; the last checkpoint is kept", e.what(), step_);
    }
  }

  void Restore() {
    const Safetensors state = ReadSafetensors(CheckpointPath());
    try {
      Restore(state, CheckpointPath().string());
    } catch (const Error&) {
      throw;
    } catch (const std::exception& e) {  // of the JSON and Torch readers; Torch adds a stack trace
      const std::string what = e.what();
      throw Error(
          "checkpoint '{}': {}", CheckpointPath().string(), what.substr(0, what.find('\n')));
    }
  }

  void Restore(const Safetensors& state, const std::string& name) {
    const auto metadata = [&](const std::string& key) {
      const auto found = state.metadata.find(key);
      if (found == state.metadata.end()) throw Error("checkpoint '{}': has no '{}'", name, key);
      return found->second;
    };
    const Json saved = Json::parse(metadata("options"));
    for (const auto& [key, value] : identity_.items())
      if (!saved.contains(key) || saved[key] != value)
        throw Error(
            "checkpoint '{}': made with {} = {}, now {}; use the same options, or --force to "
            "start again",
            name,
            key,
            saved.contains(key) ? saved[key].dump() : "nothing",
            value.dump());
    Weights network, average;
    for (const auto& [key, array] : state.tensors) {
      if (key.rfind("network.", 0) == 0) network[key.substr(8)] = array;
      if (key.rfind("average.", 0) == 0) average[key.substr(8)] = array;
    }
    network_->Load(network, name);
    averaged_->Load(average, name);
    const auto optimizer = state.tensors.find("optimizer");
    if (optimizer == state.tensors.end()) throw Error("checkpoint '{}': has no 'optimizer'", name);
    const std::vector<std::uint8_t>& bytes = optimizer->second.bytes;
    std::istringstream stream(std::string(bytes.begin(), bytes.end()));
    torch::serialize::InputArchive archive;
    archive.load_from(stream);
    optimizer_->load(archive);
    step_ = std::stoll(metadata("step"));
    metrics_ = metadata("metrics");
    smooth_loss_ = std::stod(metadata("smooth_loss"));
  }

  // The batch's place in an endless sequence of shuffled passes over the images.
  std::vector<std::int64_t> BatchIndices() {
    std::vector<std::int64_t> indices;
    for (std::int64_t i = step_ * options_.batch; i < (step_ + 1) * options_.batch; ++i) {
      const std::int64_t epoch = i / trained_.Count();
      if (epoch != epoch_) {
        RandomStream stream(options_.seed, "train/order", static_cast<std::uint64_t>(epoch));
        order_ = stream.Permutation(trained_.Count());
        epoch_ = epoch;
      }
      indices.push_back(order_[static_cast<std::size_t>(i % trained_.Count())]);
    }
    return indices;
  }

  // Log-uniform and stratified: one draw from each of `batch` equal parts of the range.
  torch::Tensor BatchSigmas() const {
    RandomStream stream(options_.seed, "train/sigma", static_cast<std::uint64_t>(step_));
    const double low = std::log(description_.trained_sigmas->low);
    const double high = std::log(description_.trained_sigmas->high);
    torch::Tensor sigmas = torch::empty({options_.batch}, torch::kFloat64);
    for (std::int64_t b = 0; b < options_.batch; ++b) {
      const double u =
          (static_cast<double>(b) + stream.Uniform()) / static_cast<double>(options_.batch);
      sigmas[b] = std::exp(low + u * (high - low));
    }
    return sigmas;
  }

  double LearningRate() const {
    const double warm =
        options_.warmup > 0
            ? std::min(1.0, static_cast<double>(step_ + 1) / static_cast<double>(options_.warmup))
            : 1.0;
    const double done = static_cast<double>(step_) / static_cast<double>(options_.steps);
    return options_.learning_rate * warm * 0.5 * (1 + std::cos(M_PI * std::min(1.0, done)));
  }

  void Average() {
    torch::NoGradGuard no_gradient;
    // A short memory at first, so that the random start does not linger.
    const double decay =
        std::min(options_.ema_decay,
                 (1.0 + static_cast<double>(step_)) / (10.0 + static_cast<double>(step_)));
    auto average = averaged_->parameters();
    const auto network = network_->parameters();
    for (std::size_t i = 0; i < average.size(); ++i) average[i].lerp_(network[i], 1 - decay);
  }

  ModelDescription description_;
  TrainOptions options_;
  ImageSet trained_, held_out_;
  fs::path folder_;
  Json identity_;
  std::shared_ptr<TableNetwork> network_, averaged_;
  std::unique_ptr<NetworkDenoiser> denoiser_, averaged_denoiser_;
  std::unique_ptr<torch::optim::Adam> optimizer_;
  std::int64_t step_ = 0, epoch_ = -1;
  std::vector<std::int64_t> order_;
  std::string metrics_;
  double smooth_loss_ = 0;  // of about the last 50 steps
};

}  // namespace

void TrainOptions::Check() const {
  if (steps < 1 || batch < 1 || warmup < 0 || validation_images < 2 || validate_every < 1)
    throw Error(
        "training: steps, batch, validate_every >= 1, warmup >= 0 and validation_images >= 2 "
        "expected, found {}, {}, {}, {}, {}",
        steps,
        batch,
        validate_every,
        warmup,
        validation_images);
  if (!(learning_rate > 0) || !(clip_norm > 0) || !(ema_decay >= 0 && ema_decay < 1))
    throw Error(
        "training: learning_rate and clip_norm > 0 and ema_decay in [0,1) expected, found {}, "
        "{}, {}",
        learning_rate,
        clip_norm,
        ema_decay);
  if (!(sigmas.low > 0) || !(sigmas.high == 0 || sigmas.high > sigmas.low))
    throw Error(
        "training: sigma range must be 0 < low < high, found {} to {}", sigmas.low, sigmas.high);
}

const std::vector<double>& ReferenceSigmas() {
  static const std::vector<double> sigmas = {0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 5};
  return sigmas;
}

TrainReport Train(ModelDescription description,
                  const ImageSet& images,
                  const TrainOptions& options,
                  const fs::path& folder,
                  const ProgressSink& progress) {
  using Clock = std::chrono::steady_clock;
  options.Check();
  if (fs::exists(folder / "model.json"))
    throw Error("model '{}': already trained, use --force to train it again", folder.string());
  if (images.Count() < options.validation_images + options.batch)
    throw Error("data set '{}': {} images are too few for {} held out and a batch of {}",
                images.Name(),
                images.Count(),
                options.validation_images,
                options.batch);
  const ImageSet trained_on = images.Subset(0, images.Count() - options.validation_images);
  const auto pca = std::make_shared<const Pca>(PcaOf(trained_on));
  description.FitTo(images.ImageSize());
  description.parameterisation.data_rms = RootMeanSquare(trained_on);
  description.trained_sigmas = options.sigmas;
  if (options.sigmas.high == 0)
    description.trained_sigmas->high = 3 * std::sqrt(pca->eigenvalues[0]);
  const auto wiener = MakeWienerDenoiser(pca, images.ImageSize());
  fs::create_directories(folder);

  Trainer trainer(description, images, options, folder);
  const std::int64_t begin = trainer.Step();
  const auto start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  TrainReport report;
  std::string note;
  while (trainer.Step() < options.steps) {
    trainer.TrainStep();
    const std::int64_t step = trainer.Step();
    if (step % options.validate_every == 0 || step == options.steps) {
      report.validation = trainer.Validate(*wiener);
      note.clear();
      for (const ValidationPoint& p : report.validation)
        note += fmt::format(" {:g}:{:.2f}", p.sigma, p.mse / p.wiener_mse);
      trainer.AddMetrics(report.validation);
      if (step < options.steps) trainer.Save();
    }
    progress(
        {"training",
         step,
         options.steps,
         begin,
         "steps",
         fmt::format(
             "loss {:.4f}{}{}", trainer.SmoothLoss(), note.empty() ? "" : ", mse/wiener", note)});
    if (CancelRequested() && step < options.steps) {
      trainer.Save();
      throw Interrupted(
          "training: interrupted at step {} of {}; the same command resumes", step, options.steps);
    }
  }
  report.seconds = seconds();
  report.steps = trainer.Step();
  report.images = report.steps * options.batch;
  report.images_per_second =
      static_cast<double>((report.steps - begin) * options.batch) / report.seconds;
  if (report.validation.empty()) report.validation = trainer.Validate(*wiener);
  trainer.Finish(report.seconds);
  report.model = LoadModel(folder);
  return report;
}

}  // namespace denoscope
