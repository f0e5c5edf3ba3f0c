#include "denoscope/training/trainer.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "denoscope/base/cancel.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/folder_lock.h"
#include "denoscope/files/json_lines.h"
#include "denoscope/ranks/meeting.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/training/step_sum.h"
#include "denoscope/training/training_batch.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
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
        part_(PiecesOf(options.batch, ranks_.Rank(), ranks_.Count())),
        state_(description.Table(), options.optimizer, options.seed),
        sum_(state_.Network()->parameters()),
        denoiser_(MakeDenoiser(state_.Network())),
        averaged_denoiser_(MakeDenoiser(state_.Averaged())) {
    const auto& layers = state_.Network()->Table().Layers();
    joint_forward_ = std::any_of(layers.begin(), layers.end(), [](const Layer& layer) {
      return layer.operation == Operation::kScaling;
    });
    state_.Network()->train();
    Resume();
  }

  const TrainingState& State() const { return state_; }
  double WaitingSeconds() const { return waiting_; }
  double SummingSeconds() const { return sum_.Seconds(); }

  // Returns what any rank was asked to do after it.
  StepOutcome TrainStep(bool save) {
    StepOutcome own{0, false, CancelRequested(), save};
    std::string error;
    try {
      own.loss = Differentiate();
    } catch (const Error& e) {
      error = e.what();
      own.failed = true;
    }
    const StepOutcome joint = sum_.Add(own);
    if (joint.failed) ranks_.Check(error);
    if (!std::isfinite(joint.loss))
      throw JointError(Diverged(fmt::format("loss is {}", joint.loss)));
    Descend();
    state_.smooth_loss =
        state_.step == 0 ? joint.loss : 0.98 * state_.smooth_loss + 0.02 * joint.loss;
    ++state_.step;
    // A short memory at first, so that the random start does not linger.
    const double steps = static_cast<double>(state_.step);
    state_.Average(std::min(options_.ema_decay, (1.0 + steps) / (10.0 + steps)));
    return joint;
  }

  std::vector<ValidationPoint> Validate(const Denoiser& wiener) const {
    try {
      return denoscope::Validate(*averaged_denoiser_,
                                 wiener,
                                 images_.HeldOut(),
                                 ValidationSigmas(*description_.trained_sigmas),
                                 options_.seed);
    } catch (const Error& e) {
      throw JointError(Diverged(e.what()));
    }
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
    ByFirst([&] { WriteFile(folder_ / "metrics.jsonl", state_.metrics); });
  }

  bool Done() const {
    return state_.step >= options_.steps ||
           (options_.patience > 0 && state_.validations_since_best >= options_.patience);
  }

  void Save() const {
    ByFirst([&] { state_.Save(CheckpointPath(), identity_); });
  }

  // All ranks take the same steps; one whose arithmetic differs is found here.
  void CheckSameWeights() const {
    if (ranks_.Count() == 1) return;
    const std::vector<std::string> all = ranks_.Gather(state_.Fingerprint());
    for (std::size_t r = 1; r < all.size(); ++r)
      if (all[r] != all[0])
        throw JointError(fmt::format(
            "training: rank {} of {} has other weights than rank 0 at step {}, expected "
            "the same bytes; do all see the same folder, on machines of one kind?",
            r,
            all.size(),
            state_.step));
  }

  void Finish(double seconds) {
    state_.UseBest();
    description_.training = identity_;
    description_.training["steps_done"] = state_.step;
    description_.training["best_step"] = state_.best_step;
    description_.training["seconds"] = std::round(seconds);
    ByFirst([&] {
      SaveModel(folder_, description_, *state_.Averaged());
      fs::remove(CheckpointPath());
    });
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

  void Resume() {
    const bool seen = fs::exists(CheckpointPath());
    const bool first_sees = !ranks_.Gather(seen ? "seen" : "")[0].empty();
    Meeting(ranks_).Step([&] {
      if (seen != first_sees)
        throw Error("training: folder '{}' is not shared: {} finds {} checkpoint, rank 0 {}",
                    folder_.string(),
                    ranks_.Name(),
                    seen ? "a" : "no",
                    first_sees ? "one" : "none");
      if (seen) state_.Restore(CheckpointPath(), identity_);
    });
    CheckSameWeights();
  }

  // Work of rank 0, whose failure is that of all.
  template <typename Work>
  void ByFirst(const Work& work) const {
    Meeting(ranks_).Step([&] {
      if (ranks_.IsFirst()) work();
    });
  }

  // Where ranks meet in the forward pass, they learn of a failure before they would meet again.
  template <typename Work>
  void BeforeMeeting(const Work& work) const {
    if (joint_forward_)
      Meeting(ranks_).Step(work);
    else
      work();
  }

  std::string Diverged(const std::string& what) const {
    return fmt::format("training: {} at step {}; {}. A lower learning rate may help",
                       what,
                       state_.step,
                       fs::exists(CheckpointPath()) ? "the last checkpoint is kept"
                                                    : "there is no checkpoint yet");
  }

  // The gradient of this rank's part of the loss, which is returned: all parts add up to the mean
  // over the batch.
  double Differentiate() {
    TrainingBatch part;
    torch::Tensor estimate;
    BeforeMeeting([&] {
      waiting_ += SecondsOf(
          [&] { part = DrawTrainingBatch(images_, description_, options_, state_.step, part_); });
    });
    BeforeMeeting([&] { estimate = Estimate(part); });
    const double share =
        static_cast<double>(part_.end - part_.begin) / static_cast<double>(options_.batch);
    const torch::Tensor loss = share * (part.weight * (estimate - part.x).square()).mean();
    state_.Optimizer().zero_grad();
    loss.backward();
    return loss.item<double>();
  }

  void Descend() {
    const double norm =
        torch::nn::utils::clip_grad_norm_(state_.Network()->parameters(), options_.clip_norm);
    if (!std::isfinite(norm))
      throw JointError(Diverged(fmt::format("norm of the gradient is {}", norm)));
    state_.SetLearningRate(LearningRate());
    state_.Optimizer().step();
  }

  // Weights that have run off give an output that is not finite before the loss is looked at.
  torch::Tensor Estimate(const TrainingBatch& part) const {
    try {
      return denoiser_->Denoise(part.y, part.sigma);
    } catch (const Error& e) {
      throw Error("{}", Diverged(e.what()));
    }
  }

  double LearningRate() const {
    const double step = static_cast<double>(state_.step);
    const double warm =
        options_.warmup > 0 ? std::min(1.0, (step + 1) / static_cast<double>(options_.warmup)) : 1;
    const double done = std::min(1.0, step / static_cast<double>(options_.steps));
    return options_.optimizer.learning_rate * warm * 0.5 * (1 + std::cos(M_PI * done));
  }

  Ranks& ranks_ = Ranks::OfThisJob();
  ModelDescription description_;
  TrainOptions options_;
  TrainingImages images_;
  fs::path folder_;
  Json identity_;
  PieceRange part_;  // of a batch, this rank's
  TrainingState state_;
  StepSum sum_;
  std::unique_ptr<NetworkDenoiser> denoiser_, averaged_denoiser_;
  bool joint_forward_ = false;
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
  const Ranks& ranks = Ranks::OfThisJob();
  const std::int64_t begin = trainer.State().step;
  auto saved = Clock::now();
  std::vector<ValidationPoint> validation;
  while (!trainer.Done()) {
    const bool late = ranks.IsFirst() && SecondsSince(saved) > kSecondsASave;
    const StepOutcome joint = trainer.TrainStep(late);
    const std::int64_t step = trainer.State().step;
    const bool validates = step % options.validate_every == 0 || step == options.steps;
    if (validates) {
      trainer.CheckSameWeights();
      validation = trainer.Validate(wiener);
      trainer.Record(validation);
    }
    progress({"training", step, options.steps, begin, "steps", Note(trainer.State(), validation)});
    if (trainer.Done()) break;
    const bool cancelled = joint.cancelled || (ranks.Count() == 1 && CancelRequested());
    if (cancelled || validates || joint.save) {
      if (!validates) trainer.CheckSameWeights();
      trainer.Save();
      saved = Clock::now();
    }
    if (cancelled)
      throw JointInterrupted(fmt::format(
          "training: interrupted at step {} of {}; the same command resumes", step, options.steps));
  }
}

// All that training begins with, but for its folder.
struct Beginning {
  ModelDescription description;
  TrainingImages images;
  std::unique_ptr<Denoiser> wiener;
  Json identity;
};

Beginning Begin(ModelDescription description,
                const ImageSet& set,
                const TrainOptions& options,
                const FreshImages& fresh) {
  if (options.batch < Ranks::OfThisJob().Count())
    throw Error("training: batch of {} images over {} ranks, expected an image a rank or more",
                options.batch,
                Ranks::OfThisJob().Count());
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
  Json identity = Identity(options, description, set, static_cast<bool>(fresh));
  return {std::move(description),
          std::move(images),
          MakeWienerDenoiser(pca, set.ImageSize()),
          std::move(identity)};
}

}  // namespace

TrainReport Train(ModelDescription description,
                  const ImageSet& set,
                  const TrainOptions& options,
                  const fs::path& folder,
                  const ProgressSink& progress,
                  const FreshImages& fresh) {
  Ranks& ranks = Ranks::OfThisJob();
  std::optional<Beginning> start;
  Meeting(ranks).Step([&] {
    options.Check();
    if (ranks.IsFirst() && fs::exists(folder / "model.json"))
      throw Error("model '{}': already trained, use --force to train it again", folder.string());
    start.emplace(Begin(std::move(description), set, options, fresh));
  });
  // Sums depend on threads, and every rank must come to the same.
  ranks.Agree(JsonLines(start->identity) + fmt::format("threads={}\n", at::get_num_threads()));
  std::optional<FolderLock> lock;
  Meeting(ranks).Step([&] {
    if (!ranks.IsFirst()) return;
    fs::create_directories(folder);
    lock.emplace(folder, "training");
  });

  Trainer trainer(start->description, std::move(start->images), options, folder, start->identity);
  const std::int64_t begin = trainer.State().step;
  TrainReport report;
  report.seconds = SecondsOf([&] { RunSteps(trainer, options, *start->wiener, progress); });
  report.steps = trainer.State().step;
  report.best_step = trainer.State().best_step;
  report.images = report.steps * options.batch;
  report.images_per_second =
      static_cast<double>((report.steps - begin) * options.batch) / report.seconds;
  report.waiting_share = trainer.WaitingSeconds() / report.seconds;
  report.summing_share = trainer.SummingSeconds() / report.seconds;
  trainer.Finish(report.seconds);
  report.validation = trainer.Validate(*start->wiener);
  Meeting(ranks).Step([&] {
    if (ranks.IsFirst()) report.model = LoadModel(folder);
  });
  return report;
}

}  // namespace denoscope
