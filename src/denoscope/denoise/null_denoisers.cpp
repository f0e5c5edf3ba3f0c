#include "denoscope/denoise/null_denoisers.h"

#include <utility>

#include "denoscope/base/random.h"
#include "denoscope/denoise/network_denoiser.h"
#include "denoscope/denoise/script_network.h"
#include "denoscope/denoise/table_network.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

class ScaledDenoiser final : public Denoiser {
 public:
  ScaledDenoiser(std::string name, double scale) : scale_(scale) {
    traits_.name = std::move(name);
    traits_.channels = 0;
    traits_.homogeneous = true;
    traits_.receptive_field = 1;
  }

  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType) override {}

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor&) const override {
    return scale_ * y;
  }

 private:
  double scale_;
  DenoiserTraits traits_;
};

// The entries of each tensor in a random order, the same for one name and seed.
std::map<std::string, Array> Shuffled(std::map<std::string, Array> weights, std::uint64_t seed) {
  for (auto& [name, array] : weights) {
    const torch::Tensor flat = ToTensor(array).flatten();
    const auto order = RandomStream(seed, "null/" + name).Permutation(flat.numel());
    array = ToArray(flat.index({torch::tensor(order)}).view(ToTensor(array).sizes()));
  }
  return weights;
}

std::shared_ptr<Network> ShuffledNetwork(const Network& network, std::uint64_t seed) {
  const auto weights = Shuffled(network.Weights(), seed);
  if (const auto* table = dynamic_cast<const TableNetwork*>(&network)) {
    auto shuffled = std::make_shared<TableNetwork>(table->Table());
    shuffled->Load(weights, "shuffled weights");
    shuffled->eval();
    return shuffled;
  }
  return ScriptWithWeights(network, weights);
}

}  // namespace

std::unique_ptr<Denoiser> MakeScaledDenoiser(std::string name, double scale) {
  return std::make_unique<ScaledDenoiser>(std::move(name), scale);
}

std::vector<NullDenoiser> MakeNullDenoisers(const Denoiser& denoiser, std::uint64_t seed) {
  std::vector<NullDenoiser> nulls;
  for (const auto& [name, scale] : {std::pair{"identity", 1.0}, std::pair{"zero", 0.0}})
    nulls.push_back({name, MakeScaledDenoiser(name, scale)});
  const auto* read = dynamic_cast<const NetworkDenoiser*>(&denoiser);
  if (!read) return nulls;
  std::shared_ptr<Network> network = ShuffledNetwork(*read->Wrapped(), seed);
  if (network)
    nulls.push_back(
        {"shuffled",
         std::make_unique<NetworkDenoiser>(
             "shuffled", std::move(network), read->Reading(), read->Traits().trained_sigmas)});
  return nulls;
}

}  // namespace denoscope
