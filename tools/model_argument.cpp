#include "tools/model_argument.h"

#include "denoscope/base/error.h"
#include "denoscope/denoise/model_folder.h"
#include "tools/number_list.h"

namespace denoscope {

TrainingReference LoadTrainingReference(const std::string& data) {
  TrainingReference reference;
  try {
    const ImageSet images = LoadImageSet(data, "train");
    reference.shape = images.ImageSize();
    reference.sha256 = images.Sha256();
    reference.pca = std::make_shared<const Pca>(PcaOf(images));
  } catch (const Error& e) {
    reference.reason = e.what();
  }
  return reference;
}

OpenedModel OpenModel(const std::string& argument, const TrainingReference& reference) {
  if (argument == "linear:wiener") {
    if (!reference.pca) throw Error("model 'linear:wiener': {}", reference.reason);
    return {MakeWienerDenoiser(reference.pca, reference.shape),
            {{"name", argument}, {"sha256", reference.sha256}, {"parameters", 0}}};
  }
  if (argument.rfind("linear:", 0) == 0)
    throw UsageError("--model: '{}' is unknown, expected linear:wiener", argument);
  LoadedModel model = LoadModel(argument);
  const std::string name = model.denoiser->Traits().name;
  return {std::move(model.denoiser),
          {{"name", name}, {"sha256", model.sha256}, {"parameters", model.parameters}}};
}

std::vector<double> ReadSigmas(const std::string& list, double scale) {
  if (!(scale > 0)) throw UsageError("--sigma-scale: expected a positive number, found {}", scale);
  if (list == "auto") return {};
  std::vector<double> sigmas = ParseNumbers(list);
  for (double& sigma : sigmas) {
    if (!(sigma > 0))
      throw UsageError("--sigmas: sigma must be a positive number, found {}", sigma);
    sigma /= scale;
  }
  return sigmas;
}

}  // namespace denoscope
