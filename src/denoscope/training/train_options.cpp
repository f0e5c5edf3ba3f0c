#include "denoscope/training/train_options.h"

#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {

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

Json Identity(const TrainOptions& o,
              const ModelDescription& d,
              const ImageSet& images,
              bool fresh) {
  Json json = {{"data", images.Name()},
               {"data_sha256", images.Sha256()},
               {"fresh_draws", fresh},
               {"validation_images", o.validation_images},
               {"architecture", d.architecture},
               {"prediction", NameOf(d.parameterisation.prediction)},
               {"steps", o.steps},
               {"batch", o.batch},
               {"optimizer", NameOf(o.optimizer.kind)},
               {"learning_rate", o.optimizer.learning_rate},
               {"weight_decay", o.optimizer.weight_decay},
               {"noise", NameOf(o.objective.law)},
               {"weighting", NameOf(o.objective.weighting)},
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

}  // namespace denoscope
