// denoscope train: a denoiser from clean images.
#include <fmt/format.h>

#include "denoscope/training/trainer.h"
#include "tools/command.h"

namespace denoscope {
namespace {

struct Arguments {
  std::string data = "fashion-mnist", architecture = "conditioned", out;
  std::vector<double> sigma_range;
  UnetOptions unet;
  TrainOptions options;
};

void Run(const Arguments& a, const SharedFlags& flags) {
  TrainOptions options = a.options;
  options.seed = flags.seed;
  ModelDescription description = ModelPreset(a.architecture);
  description.unet.width = a.unet.width;
  description.unet.levels = a.unet.levels;
  description.unet.blocks = a.unet.blocks;
  const ImageSet images = LoadImageSet(a.data, "train");
  const TrainReport report = Train(description, images, options, a.out, ProgressLine(flags));
  fmt::print("{} images/s\n", report.images_per_second);
}

}  // namespace

void AddTrainCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand("train", "train a denoiser on clean images");
  auto a = std::make_shared<Arguments>();
  command->add_option("--data", a->data, "data set, its train split")->capture_default_str();
  command->add_option("--arch", a->architecture, "conditioned or blind")->capture_default_str();
  command->add_option("--out", a->out, "model folder to write")->required();
  command->add_option("--steps", a->options.steps, "optimizer steps")->capture_default_str();
  command->add_option("--batch", a->options.batch, "images a step")->capture_default_str();
  command->add_option("--width", a->unet.width, "features at full size")->capture_default_str();
  command->add_option("--levels", a->unet.levels, "image sizes")->capture_default_str();
  command->add_option("--blocks", a->unet.blocks, "residual blocks a level")->capture_default_str();
  command->add_option("--learning-rate", a->options.learning_rate, "highest")->capture_default_str();
  command->add_option("--validate-every", a->options.validate_every, "steps between validations and checkpoints")->capture_default_str();
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
