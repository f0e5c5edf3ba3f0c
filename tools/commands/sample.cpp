// denoscope sample: reverse diffusion with a denoiser, and what emerges along its paths.
#include <fmt/format.h>

#include <memory>

#include "denoscope/studies/sample/sample_study.h"
#include "tools/arguments/data_argument.h"
#include "tools/arguments/model_argument.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"
#include "tools/output/present.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  DataArguments data;
  std::string out, sampler = "euler", schedule = "karras", start = "matched";
  SampleOptions options;
};

void Run(const Arguments& a, const SharedFlags& flags) {
  SampleOptions options = a.options;
  options.sampler = FromName<Sampler>(a.sampler);
  options.schedule.kind = FromName<Schedule>(a.schedule);
  options.start = FromName<StartKind>(a.start);
  options.seed = flags.seed;
  const TrainingReference reference = LoadTrainingReference(a.data.data, ProgressLine(flags));
  const OpenedModel model = OpenModel(a.model, reference);
  const ImageSet images = LoadImages(a.data, model.denoiser->Traits(), ProgressLine(flags));
  const std::vector<NullDenoiser> no_nulls;
  const AnalysisInput input = {*model.denoiser,
                               images,
                               reference.pca,
                               reference.sha256,
                               reference.reason,
                               no_nulls,
                               model.identity,
                               RecordOfProgram(flags)};
  options = ResolveSample(options, input);
  const Eigen::VectorXd levels = PathLevels(options);
  Warn(OutsideTraining(model.denoiser->Traits(), {levels.begin(), levels.end()}));
  Warn(StartNote(options, input));
  ReuseThreads(a.out, flags);
  Present(RunSampleStudy(input, options, TargetOf(a.out, flags)), flags);
}

}  // namespace

void AddSampleCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand(
      "sample", "reverse diffusion: images from noise, and what emerges along the way");
  auto a = std::make_shared<Arguments>();
  SampleOptions& o = a->options;
  AddModelFlags(command, a->model).Required();
  AddDataFlags(command, a->data);
  command.Add("--out", a->out, "run folder to write or resume").Required();
  command
      .Add("--sampler",
           a->sampler,
           "euler (DDIM), heun, ancestral; repeated: the estimate is the next state; blind: "
           "guesses the noise from the residual")
      .OneOf(NamesOf<Sampler>())
      .ShowDefault();
  command.Add("--samples", o.samples, "paths from noise to images").ShowDefault();
  command.Add("--spacing", a->schedule, "of the noise levels")
      .OneOf(NamesOf<Schedule>())
      .ShowDefault();
  command.Add("--levels", o.schedule.levels, "number of noise levels").ShowDefault();
  command.Add("--largest",
              o.schedule.largest,
              "noisiest level; default: the largest trained on, else 3 sqrt(lambda_0)");
  command.Add("--smallest", o.schedule.smallest, "cleanest level").ShowDefault();
  command.Add(
      "--fixed-sigma", o.fixed_sigma, "of repeated: every level, --levels times; 0: the schedule");
  command
      .Add("--start",
           a->start,
           "matched: as noisy data; noise: without the data's mean and variance")
      .OneOf(NamesOf<StartKind>())
      .ShowDefault();
  command
      .Add("--jacobian",
           o.jacobians,
           "states of each path at which the Jacobian is analysed; 0: none")
      .ShowDefault();
  command.Add("--jacobian-samples", o.jacobian_samples, "of the first samples").ShowDefault();
  command.Add("--modes", o.modes, "leading PCA modes looked at").ShowDefault();
  command.Add("--vectors", o.spectrum.vectors, "leading eigenvectors kept").ShowDefault();
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
