// denoscope train: a denoiser from clean images, with its card.
#include <fmt/format.h>

#include <memory>

#include "denoscope/files/atomic_file.h"
#include "denoscope/models/training_card.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/report/training/training_figure.h"
#include "denoscope/training/trainer.h"
#include "denoscope/training/training_place.h"
#include "tools/arguments/training_argument.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

void Run(const TrainingArguments& a, const SharedFlags& flags) {
  Ranks& ranks = Ranks::OfThisJob();
  const fs::path folder = a.out;
  const ModelDescription description = DescriptionFrom(a);
  const TrainOptions options = OptionsFrom(a, flags.seed);
  const FreshImages fresh = a.fresh ? FreshImagesOf(a.data) : FreshImages();
  const ImageSet images = LoadImageSet(a.data, "train", ProgressLine(flags));
  ranks.Check("");  // a rank that failed so far says so
  Json json = {{"model", a.out}};
  if (IsToTrain({folder, flags.force})) {
    const TrainReport report =
        Train(description, images, options, folder, ProgressLine(flags), fresh);
    json["images"] = report.images;
    json["images_per_second"] = report.images_per_second;
    json["waiting_share"] = report.waiting_share;
    if (ranks.Count() > 1) json["summing_share"] = report.summing_share;
  }
  ranks.Disband();
  if (!ranks.IsFirst()) return;
  WriteTrainingCard(folder, {a.data, a.fresh, options, flags.command_line}, ProgressLine(flags));
  TrainingFigure(folder);
  if (flags.json)
    fmt::print("{}\n", json.dump(2));
  else
    fmt::print("{}", ReadFile(folder / "README.md"));
}

}  // namespace

void AddTrainCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand("train", "train a denoiser on clean images");
  auto a = std::make_shared<TrainingArguments>();
  AddTrainingFlags(command, *a);
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
