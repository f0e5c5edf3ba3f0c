// denoscope linear pca: the principal components of a data set, and when noisy samples show them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "denoscope/studies/pca/pca_study.h"
#include "tools/arguments/data_argument.h"
#include "tools/arguments/number_list.h"
#include "tools/commands/linear.h"
#include "tools/output/console.h"
#include "tools/output/present.h"

namespace denoscope {
namespace {

struct Arguments {
  PcaStudyOptions options;
  std::string data = "fashion-mnist", out, sigmas = "auto";
  std::string n = fmt::format("{}", fmt::join(options.n, ","));
  double sigma_scale = 1;
};

void Run(const Arguments& a, const SharedFlags& flags) {
  PcaStudyOptions options = a.options;
  options.n = ParseIntegers(a.n);
  options.sigmas = ReadSigmas(a.sigmas, a.sigma_scale);
  options.seed = flags.seed;
  try {
    options.Check();
  } catch (const Error& e) {
    throw UsageError("{}", e.what());
  }
  const Splits splits = LoadSplits(a.data, ProgressLine(flags));
  const PcaStudyInput input = {splits.train, splits.test, RecordOfProgram(flags)};
  Present(RunPcaStudy(input, options, TargetOf(a.out, flags)), flags);
}

}  // namespace

void AddLinearPca(Command linear, SharedFlags& flags) {
  Command command = linear.AddCommand(
      "pca", "PCA of a data set, and of n noisy images of it, beside theory and a Gaussian twin");
  auto a = std::make_shared<Arguments>();
  PcaStudyOptions& o = a->options;
  command
      .Add("--data",
           a->data,
           "data set by name or path: reference PCA from its training split, noisy images from its "
           "test split")
      .ShowDefault();
  command.Add("--out", a->out, "run folder to write or resume").Required();
  command.Add("--n", a->n, "noisy images behind a basis").ShowDefault();
  command.Add("--sigmas", a->sigmas, "noise levels; auto: 14 from 0.02 to 3 sqrt(lambda_0)")
      .ShowDefault();
  command.Add("--sigma-scale", a->sigma_scale, "divides every sigma given").ShowDefault();
  command.Add("--draws", o.draws, "draws of noise and images a basis").ShowDefault();
  command.Add("--modes", o.modes, "leading modes compared").ShowDefault();
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
