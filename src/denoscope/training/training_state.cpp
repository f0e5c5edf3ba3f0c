#include "denoscope/training/training_state.h"

#include <fmt/format.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/serialize.h>

#include <cmath>
#include <sstream>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/weights/safetensors.h"

namespace denoscope {
namespace {

template <typename Options>
void SetRate(torch::optim::Optimizer& optimizer, double rate) {
  static_cast<Options&>(optimizer.param_groups()[0].options()).lr(rate);
}

std::unique_ptr<torch::optim::Optimizer> MakeOptimizer(const OptimizerOptions& o,
                                                       const std::vector<torch::Tensor>& weights) {
  if (o.kind == OptimizerKind::kAdamW)
    return std::make_unique<torch::optim::AdamW>(
        weights, torch::optim::AdamWOptions(o.learning_rate).weight_decay(o.weight_decay));
  return std::make_unique<torch::optim::Adam>(
      weights, torch::optim::AdamOptions(o.learning_rate).weight_decay(o.weight_decay));
}

std::map<std::string, Array> WithPrefix(const Safetensors& state, const std::string& prefix) {
  std::map<std::string, Array> weights;
  for (const auto& [key, array] : state.tensors)
    if (key.rfind(prefix, 0) == 0) weights[key.substr(prefix.size())] = array;
  return weights;
}

// Sums over many images depend a little on the number of threads that adds them up.
bool SameValue(const Json& a, const Json& b) {
  constexpr double kRounding = 1e-9;
  if (!a.is_number_float() || !b.is_number_float()) return a == b;
  return std::abs(a.get<double>() - b.get<double>()) <= kRounding * std::abs(a.get<double>());
}

void CheckIdentity(const Json& saved, const Json& wanted, const std::string& name) {
  for (const auto& [key, value] : wanted.items())
    if (!saved.contains(key) || !SameValue(saved[key], value))
      throw Error(
          "checkpoint '{}': made with {} = {}, now {}; use the same options, or --force to start "
          "again",
          name,
          key,
          saved.contains(key) ? saved[key].dump() : "nothing",
          value.dump());
}

}  // namespace

TrainingState::TrainingState(const NetworkTable& table,
                             const OptimizerOptions& options,
                             std::uint64_t seed) {
  torch::manual_seed(StreamSeed(seed, "train/weights"));
  network_ = std::make_shared<TableNetwork>(table);
  averaged_ = std::make_shared<TableNetwork>(table);
  averaged_->Load(network_->Weights(), "initial weights");
  optimizer_ = MakeOptimizer(options, network_->parameters());
}

void TrainingState::SetLearningRate(double rate) {
  if (dynamic_cast<torch::optim::AdamW*>(optimizer_.get()) != nullptr)
    SetRate<torch::optim::AdamWOptions>(*optimizer_, rate);
  else
    SetRate<torch::optim::AdamOptions>(*optimizer_, rate);
}

void TrainingState::Average(double decay) {
  torch::NoGradGuard no_gradient;
  auto average = averaged_->parameters();
  const auto network = network_->parameters();
  for (std::size_t i = 0; i < average.size(); ++i) average[i].lerp_(network[i], 1 - decay);
}

bool TrainingState::KeepIfBest(double score) {
  if (!best_.empty() && !(score < best_score)) {
    ++validations_since_best;
    return false;
  }
  best_ = averaged_->Weights();
  best_score = score;
  best_step = step;
  validations_since_best = 0;
  return true;
}

void TrainingState::UseBest() {
  if (!best_.empty()) averaged_->Load(best_, "best weights");
}

std::string TrainingState::Fingerprint() const {
  std::string hashes;
  for (const auto& network : {network_, averaged_})
    for (const auto& [name, array] : network->Weights())
      hashes += Sha256Hex({reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size()});
  return Sha256Hex(hashes);
}

void TrainingState::Save(const std::filesystem::path& path, const Json& identity) const {
  Safetensors state;
  for (const auto& [name, array] : network_->Weights()) state.tensors["network." + name] = array;
  for (const auto& [name, array] : averaged_->Weights()) state.tensors["average." + name] = array;
  for (const auto& [name, array] : best_) state.tensors["best." + name] = array;
  torch::serialize::OutputArchive archive;
  optimizer_->save(archive);
  std::ostringstream stream;
  archive.save_to(stream);
  const std::string bytes = stream.str();
  state.tensors["optimizer"] =
      Array::From<std::uint8_t>({static_cast<std::int64_t>(bytes.size())},
                                reinterpret_cast<const std::uint8_t*>(bytes.data()));
  state.metadata = {{"step", std::to_string(step)},
                    {"options", identity.dump()},
                    {"metrics", metrics},
                    {"smooth_loss", fmt::format("{:a}", smooth_loss)},
                    {"best_step", std::to_string(best_step)},
                    {"best_score", fmt::format("{:a}", best_score)},
                    {"validations_since_best", std::to_string(validations_since_best)}};
  WriteSafetensors(path, state);
}

void TrainingState::Restore(const std::filesystem::path& path, const Json& identity) {
  try {
    RestoreFrom(path, identity);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {  // of the JSON and Torch readers; Torch adds a stack trace
    const std::string what = e.what();
    throw Error("checkpoint '{}': {}", path.string(), what.substr(0, what.find('\n')));
  }
}

void TrainingState::RestoreFrom(const std::filesystem::path& path, const Json& identity) {
  const Safetensors state = ReadSafetensors(path);
  const std::string name = path.string();
  const auto metadata = [&](const std::string& key) {
    const auto found = state.metadata.find(key);
    if (found == state.metadata.end()) throw Error("checkpoint '{}': has no '{}'", name, key);
    return found->second;
  };
  CheckIdentity(Json::parse(metadata("options")), identity, name);
  network_->Load(WithPrefix(state, "network."), name);
  averaged_->Load(WithPrefix(state, "average."), name);
  best_ = WithPrefix(state, "best.");
  const auto optimizer = state.tensors.find("optimizer");
  if (optimizer == state.tensors.end()) throw Error("checkpoint '{}': has no 'optimizer'", name);
  const std::vector<std::uint8_t>& bytes = optimizer->second.bytes;
  std::istringstream stream(std::string(bytes.begin(), bytes.end()));
  torch::serialize::InputArchive archive;
  archive.load_from(stream);
  optimizer_->load(archive);
  step = std::stoll(metadata("step"));
  metrics = metadata("metrics");
  smooth_loss = std::stod(metadata("smooth_loss"));
  best_step = std::stoll(metadata("best_step"));
  best_score = std::stod(metadata("best_score"));
  validations_since_best = std::stoll(metadata("validations_since_best"));
}

}  // namespace denoscope
