// denoscope linear diffuse: linear reverse processes side by side, and why some of them collapse.
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

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

void AddLinearDiffuse(CLI::App& linear, SharedFlags& flags) {
  CLI::App* command = linear.add_subcommand(
      "diffuse",
      "linear reverse processes from the same starts: repeated denoising, learned bases, DDIM, "
      "exact flow, power iteration; what collapses, and why");
  auto a = std::make_shared<Arguments>();
  DiffuseStudyOptions& o = a->options;
  command
      ->add_option(
          "--data",
          a->data,
          "data set by name: spectrum and basis from its training split, noisy images from "
          "its test split")
      ->capture_default_str();
  command->add_option("--out", a->out, "run folder to write or resume")->required();
  command->add_option("--schedule", a->schedule, "of the noise levels")
      ->check(CLI::IsMember(NamesOf<Schedule>()))
      ->capture_default_str();
  command->add_option("--levels", o.schedule.levels, "number of noise levels")
      ->capture_default_str();
  command->add_option("--largest", o.schedule.largest, "noisiest level")->capture_default_str();
  command
      ->add_option("--smallest",
                   o.schedule.smallest,
                   "cleanest level; constant has its own, "
                   "largest/sqrt(levels)")
      ->capture_default_str();
  command->add_option("--sigmas", a->sigmas, "levels one by one, falling, in place of a schedule");
  command->add_option("--samples", a->samples, "behind learned bases: images or gaussian")
      ->check(CLI::IsMember(NamesOf<SampleKind>()))
      ->capture_default_str();
  command->add_option("--n", o.n, "noisy samples behind a basis")->capture_default_str();
  command->add_option("--rank", o.rank, "vectors of a basis")->capture_default_str();
  command->add_option("--trials", o.trials, "chains of bases")->capture_default_str();
  command->add_option("--starts", o.starts, "states that every process starts from")
      ->capture_default_str();
  command
      ->add_option("--start",
                   a->start,
                   "matched: as noisy data; noise: centred on black, without the data's variance")
      ->check(CLI::IsMember(NamesOf<StartKind>()))
      ->capture_default_str();
  command
      ->add_option("--injection",
                   a->injection,
                   "variance of injected noise: what the step removes, or that of the next level")
      ->check(CLI::IsMember(NamesOf<Injection>()))
      ->capture_default_str();
  command->add_option("--taus", a->taus, "levels of the partial operators")->capture_default_str();
  command->add_option("--modes", o.modes, "leading modes reported")->capture_default_str();
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
