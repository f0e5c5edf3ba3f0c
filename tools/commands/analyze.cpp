// denoscope analyze: the main job.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "denoscope/models/linear_model.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/studies/sweep/sweep.h"
#include "denoscope/studies/sweep/sweep_plan.h"
#include "tools/arguments/data_argument.h"
#include "tools/arguments/model_argument.h"
#include "tools/arguments/number_list.h"
#include "tools/arguments/ranks_flag.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"
#include "tools/output/present.h"
#include "tools/output/rank_table.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  DataArguments data;
  std::string out, images = "0-7", sigmas = "auto", shard = "0/1";
  double sigma_scale = 1;
  bool dry_run = false;
  std::int64_t ranks = 0;
  SweepOptions options;
};

// start_seconds: what every rank spends before its first unit.
void PrintPlan(const AnalysisInput& input,
               const SweepOptions& options,
               double start_seconds,
               std::int64_t ranks,
               const SharedFlags& flags) {
  SweepPlan plan = PlanSweep(input, options);
  plan.work.start_seconds = start_seconds;
  const std::vector<RankPlan> ranked =
      ranks > 0 ? PlanRanksUpTo(plan.work, ranks) : std::vector<RankPlan>();
  if (flags.json) {
    fmt::print("{}\n",
               Json({{"cells", plan.cells},
                     {"sigmas", options.sigmas},
                     {"d", plan.d},
                     {"seconds", plan.seconds},
                     {"memory_bytes", plan.memory},
                     {"ranks", RankRows(ranked)}})
                   .dump(2));
    return;
  }
  fmt::print("{} cells: {} images x {} noise levels ({:.4g}) x {} draws\n{}\n",
             plan.cells,
             options.images.size(),
             options.sigmas.size(),
             fmt::join(options.sigmas, ", "),
             options.draws,
             plan.Text());
  if (ranks > 0)
    fmt::print("Of ranks with {} threads and {:.1f} GB each, {:.1f} s to begin with:\n{}",
               at::get_num_threads(),
               static_cast<double>(plan.memory) / 1e9,
               start_seconds,
               RankTable(ranked));
}

void Analyze(const Arguments& a, const SharedFlags& flags) {
  CheckRanksFlag(a.ranks, a.dry_run);
  const auto start = std::chrono::steady_clock::now();
  SweepOptions options = a.options;
  options.images = ParseIntegers(a.images);
  options.sigmas = ReadSigmas(a.sigmas, a.sigma_scale);
  options.seed = flags.seed;
  const ShardChoice shard = ParseShard(a.shard);
  options.shard = shard.index;
  options.shards = shard.count;
  const TrainingReference reference = LoadTrainingReference(a.data.data, ProgressLine(flags));
  const OpenedModel model = OpenModel(a.model, reference);
  const ImageSet images = LoadImages(a.data, model.denoiser->Traits(), ProgressLine(flags));
  const std::vector<NullDenoiser> nulls = ComparedDenoisers(*model.denoiser, reference, flags.seed);
  const AnalysisInput input = {*model.denoiser,
                               images,
                               reference.pca,
                               reference.sha256,
                               reference.reason,
                               nulls,
                               model.identity,
                               RecordOfProgram(flags)};
  const SweepOptions resolved = ResolveSweep(options, input);
  Warn(OutsideTraining(model.denoiser->Traits(), resolved.sigmas));
  if (a.dry_run) {
    const std::chrono::duration<double> started = std::chrono::steady_clock::now() - start;
    return PrintPlan(input, resolved, started.count(), a.ranks, flags);
  }
  ReuseThreads(a.out, flags);
  const RunFolder run = RunSweep(input, options, TargetOf(a.out, flags));
  if (shard.count == 1) return Present(run, flags);
  if (!Ranks::OfThisJob().IsFirst()) return;
  const std::string path = run.Path().string();
  if (flags.json)
    fmt::print("{}\n", Json({{"run", path}, {"shard", a.shard}}).dump(2));
  else
    fmt::print(
        "{}: shard {} complete; put the shards together with denoscope merge\n", path, a.shard);
}

}  // namespace

void AddAnalyzeCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand(
      "analyze", "Jacobians, spectra and emergence over images and noise levels: the main job");
  auto a = std::make_shared<Arguments>();
  SweepOptions& o = a->options;
  AddModelFlags(command, a->model).Required();
  AddDataFlags(command, a->data);
  command.Add("--out", a->out, "run folder to write or resume").Required();
  command.Add("--images", a->images, "indices in the split").ShowDefault();
  command.Add("--sigmas", a->sigmas, "noise levels; auto: 12 from 0.02 to 3 sqrt(lambda_0)")
      .ShowDefault();
  command.Add("--sigma-scale", a->sigma_scale, "divides every sigma given").ShowDefault();
  command.Add("--draws", o.draws, "noise draws an image and level").ShowDefault();
  command.Add("--modes", o.modes, "leading PCA modes looked at").ShowDefault();
  command.Add("--vectors", o.spectrum.vectors, "leading eigenvectors kept").ShowDefault();
  command.Add("--complex", o.spectrum.complex_eigenvalues, "complex eigenvalues of J too");
  command
      .Add("--evaluation-images",
           o.evaluation.images,
           "held-out images behind the resolved variance; 0: none")
      .ShowDefault();
  command
      .Add("--shard",
           a->shard,
           "this run's share of the cells, i/N; slurm: as the job array or step numbers it")
      .ShowDefault();
  command.Add("--dry-run", a->dry_run, "the cells, and seconds and memory from a probe; no more");
  AddRanksFlag(command, a->ranks);
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Analyze(*a, flags); });
}

}  // namespace denoscope
