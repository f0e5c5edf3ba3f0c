// Everything that training changes, and its checkpoint: weights, their moving average, the best
// average so far, the optimizer, the step, the metrics. What a checkpoint restores goes on bit for
// bit as if it had never stopped.
#pragma once

#include <torch/optim/optimizer.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "denoscope/base/enum_names.h"
#include "denoscope/denoise/model_folder.h"

namespace denoscope {

enum class OptimizerKind { kAdam, kAdamW };
template <>
struct EnumNames<OptimizerKind> {
  static constexpr const char* kWhat = "optimizer";
  static constexpr EnumName<OptimizerKind> kNames[] = {{OptimizerKind::kAdam, "adam"},
                                                       {OptimizerKind::kAdamW, "adamw"}};
};

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double learning_rate = 1.5e-3;  // highest, after the warm-up, > 0
  double weight_decay = 0;        // >= 0; Adam adds it to the gradient, AdamW to the step
};

class TrainingState {
 public:
  // Random weights that depend on the seed alone.
  TrainingState(const NetworkTable& table, const OptimizerOptions& options, std::uint64_t seed);

  const std::shared_ptr<TableNetwork>& Network() const { return network_; }
  const std::shared_ptr<TableNetwork>& Averaged() const { return averaged_; }
  torch::optim::Optimizer& Optimizer() { return *optimizer_; }
  void SetLearningRate(double rate);
  void Average(double decay);  // into the moving average

  // Keeps the average if `score` is below the best so far; says so.
  bool KeepIfBest(double score);
  void UseBest();  // the average becomes the best one, if there is one

  // A hash of the weights and of their average, bit for bit.
  std::string Fingerprint() const;

  std::int64_t step = 0, best_step = 0, validations_since_best = 0;
  double smooth_loss = 0, best_score = 0;
  std::string metrics;

  // `identity` decides the training; Restore throws naming the first field that differs.
  void Save(const std::filesystem::path& path, const Json& identity) const;
  void Restore(const std::filesystem::path& path, const Json& identity);

 private:
  using Weights = std::map<std::string, Array>;
  std::shared_ptr<TableNetwork> network_, averaged_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  Weights best_;

  void RestoreFrom(const std::filesystem::path& path, const Json& identity);
};

}  // namespace denoscope
