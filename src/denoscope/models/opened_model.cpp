#include "denoscope/models/opened_model.h"

#include <utility>

namespace denoscope {

OpenedModel Identified(LoadedModel model, const TrainingReference& reference) {
  Json identity = {{"name", model.denoiser->Traits().name},
                   {"sha256", model.sha256},
                   {"parameters", model.parameters},
                   {"architecture", model.description.architecture}};
  if (!model.weights_key.empty()) identity["weights_key"] = model.weights_key;
  AddToJson(model.description.parameterisation, identity);
  if (const std::int64_t n = ImagesTrainedOn(model.description.training, reference); n > 0)
    identity["n"] = n;
  return {std::move(model.denoiser), std::move(identity)};
}

std::int64_t ImagesTrainedOn(const Json& training, const TrainingReference& reference) {
  const auto count = [&](const char* key) {
    return training.contains(key) && training[key].is_number_integer()
               ? training[key].get<std::int64_t>()
               : 0;
  };
  if (training.contains("fresh_draws") && training["fresh_draws"] == true) return 0;
  if (count("training_images") > 0) return count("training_images");
  const bool same = training.contains("data_sha256") && reference.images &&
                    training["data_sha256"] == reference.sha256;
  return same ? reference.images->Count() - count("validation_images") : 0;
}

}  // namespace denoscope
