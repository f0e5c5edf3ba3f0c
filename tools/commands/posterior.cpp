// denoscope posterior: what a denoiser claims not to know of an image, and whether that is true.
#include <memory>

#include "denoscope/studies/posterior/posterior_study.h"
#include "tools/arguments/data_argument.h"
#include "tools/arguments/model_argument.h"
#include "tools/arguments/number_list.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"
#include "tools/output/present.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  DataArguments data;
  std::string out, images = "0-3", sigmas = "0.1,0.3,1";
  double sigma_scale = 1;
  PosteriorOptions options;
};

void Run(const Arguments& a, const SharedFlags& flags) {
  PosteriorOptions options = a.options;
  options.images = ParseIntegers(a.images);
  options.sigmas = ReadSigmas(a.sigmas, a.sigma_scale);
  options.seed = flags.seed;
  try {
    options.Check();
  } catch (const Error& e) {
    throw UsageError("{}", e.what());
  }
  const TrainingReference reference = LoadTrainingReference(a.data.data, ProgressLine(flags));
  const OpenedModel model = OpenModel(a.model, reference);
  const ImageSet images = LoadImages(a.data, model.denoiser->Traits(), ProgressLine(flags));
  Warn(OutsideTraining(model.denoiser->Traits(), options.sigmas));
  ReuseThreads(a.out, flags);
  const PosteriorInput input = {*model.denoiser,
                                images,
                                reference.pca,
                                reference.sha256,
                                reference.reason,
                                model.identity,
                                RecordOfProgram(flags)};
  Present(RunPosterior(input, options, TargetOf(a.out, flags)), flags);
}

}  // namespace

void AddPosteriorCommand(Command program, SharedFlags& flags) {
  Command command =
      program.AddCommand("posterior",
                         "leading components of sigma^2 J with their variances, standard "
                         "deviations of pixels, and coverage over held-out images");
  auto a = std::make_shared<Arguments>();
  PosteriorOptions& o = a->options;
  AddModelFlags(command, a->model).Required();
  AddDataFlags(command, a->data);
  command.Add("--out", a->out, "run folder to write or resume").Required();
  command.Add("--images", a->images, "indices in the split").ShowDefault();
  command.Add("--sigmas", a->sigmas, "noise levels").ShowDefault();
  command.Add("--sigma-scale", a->sigma_scale, "divides every sigma given").ShowDefault();
  command.Add("--top", o.top, "leading components").ShowDefault();
  command
      .Add("--coverage-images", o.coverage_images, "held-out images behind the coverage; 0: none")
      .ShowDefault();
  command
      .Add("--probes",
           o.probes,
           "random vectors for the deviations of pixels where d is above 1536; below, they "
           "are exact")
      .ShowDefault();
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
