// denoscope linear diffuse: linear reverse processes side by side, and why some of them collapse.
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "denoscope/studies/diffuse/diffuse_study.h"
#include "tools/arguments/data_argument.h"
#include "tools/arguments/number_list.h"
#include "tools/commands/linear.h"
#include "tools/output/console.h"
#include "tools/output/present.h"

namespace denoscope {
namespace {

struct Arguments {
  DiffuseStudyOptions options;
  std::string data = "fashion-mnist", out, sigmas, schedule = "karras", start = "matched";
  std::string samples = "images", injection = "step";
  std::string taus = fmt::format("{}", fmt::join(options.taus, ","));
};

void Run(const Arguments& a, const SharedFlags& flags) {
  DiffuseStudyOptions options = a.options;
  options.schedule.kind = FromName<Schedule>(a.schedule);
  if (!a.sigmas.empty()) options.sigmas = ReadSigmas(a.sigmas, 1);
  options.taus = ParseIntegers(a.taus);
  options.samples = FromName<SampleKind>(a.samples);
  options.start = FromName<StartKind>(a.start);
  options.injection = FromName<Injection>(a.injection);
  options.seed = flags.seed;
  options.threads = at::get_num_threads();
  try {
    options.Check();
  } catch (const Error& e) {
    throw UsageError("{}", e.what());
  }
  const Splits splits = LoadSplits(a.data, ProgressLine(flags));
  const DiffuseStudyInput input = {splits.train, splits.test, RecordOfProgram(flags)};
  Present(RunDiffuseStudy(input, options, TargetOf(a.out, flags)), flags);
}

}  // namespace

void AddLinearDiffuse(Command linear, SharedFlags& flags) {
  Command command = linear.AddCommand(
      "diffuse",
      "linear reverse processes from the same starts: repeated denoising, learned bases, DDIM, "
      "exact flow, power iteration; what collapses, and why");
  auto a = std::make_shared<Arguments>();
  DiffuseStudyOptions& o = a->options;
  command
      .Add("--data",
           a->data,
           "data set by name: spectrum and basis from its training split, noisy images from "
           "its test split")
      .ShowDefault();
  command.Add("--out", a->out, "run folder to write or resume").Required();
  command.Add("--schedule", a->schedule, "of the noise levels")
      .OneOf(NamesOf<Schedule>())
      .ShowDefault();
  command.Add("--levels", o.schedule.levels, "number of noise levels").ShowDefault();
  command.Add("--largest", o.schedule.largest, "noisiest level").ShowDefault();
  command
      .Add("--smallest",
           o.schedule.smallest,
           "cleanest level; constant has its own, "
           "largest/sqrt(levels)")
      .ShowDefault();
  command.Add("--sigmas", a->sigmas, "levels one by one, falling, in place of a schedule");
  command.Add("--samples", a->samples, "behind learned bases: images or gaussian")
      .OneOf(NamesOf<SampleKind>())
      .ShowDefault();
  command.Add("--n", o.n, "noisy samples behind a basis").ShowDefault();
  command.Add("--rank", o.rank, "vectors of a basis").ShowDefault();
  command.Add("--trials", o.trials, "chains of bases").ShowDefault();
  command.Add("--starts", o.starts, "states that every process starts from").ShowDefault();
  command
      .Add("--start",
           a->start,
           "matched: as noisy data; noise: centred on black, without the data's variance")
      .OneOf(NamesOf<StartKind>())
      .ShowDefault();
  command
      .Add("--injection",
           a->injection,
           "variance of injected noise: what the step removes, or that of the next level")
      .OneOf(NamesOf<Injection>())
      .ShowDefault();
  command.Add("--taus", a->taus, "levels of the partial operators").ShowDefault();
  command.Add("--modes", o.modes, "leading modes reported").ShowDefault();
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
