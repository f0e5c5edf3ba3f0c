// denoscope linear spiked: what PCA and linear denoisers learn from n samples.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "denoscope/studies/spiked/spiked_study.h"
#include "tools/arguments/number_list.h"
#include "tools/commands/linear.h"
#include "tools/output/console.h"
#include "tools/output/present.h"

namespace denoscope {
namespace {

struct Arguments {
  SpikedStudyOptions options;
  std::string out, strength = "auto", sigmas = "auto";
  std::string d = fmt::format("{}", fmt::join(options.d, ","));
  std::string ratio = fmt::format("{}", fmt::join(options.ratios, ","));
  std::string spectrum = fmt::format("{}:{}", options.power_scale, options.power_decay);
};

// a:b is a power law; everything else is a list.
void ReadSpectrum(const std::string& text, SpikedStudyOptions& options) {
  const std::size_t colon = text.find(':');
  const bool power_law =
      colon != std::string::npos && colon == text.rfind(':') && text.find(',') == std::string::npos;
  if (!power_law) {
    options.spectrum = ParseNumbers(text);
    return;
  }
  options.power_scale = ParseNumbers(text.substr(0, colon)).at(0);
  options.power_decay = ParseNumbers(text.substr(colon + 1)).at(0);
}

void Run(const Arguments& a, const SharedFlags& flags) {
  SpikedStudyOptions options = a.options;
  options.d = ParseIntegers(a.d);
  options.ratios = ParseNumbers(a.ratio);
  if (a.strength != "auto") options.strengths = ParseNumbers(a.strength);
  if (a.sigmas != "auto") options.sigmas = ParseNumbers(a.sigmas);
  options.seed = flags.seed;
  ReadSpectrum(a.spectrum, options);
  try {
    options.Check();
  } catch (const Error& e) {
    throw UsageError("{}", e.what());
  }
  Present(RunSpikedStudy(options, RecordOfProgram(flags), TargetOf(a.out, flags)), flags);
}

}  // namespace

void AddLinearSpiked(Command linear, SharedFlags& flags) {
  Command command = linear.AddCommand(
      "spiked", "PCA and linear denoisers learned from n samples: simulation beside theory");
  auto a = std::make_shared<Arguments>();
  SpikedStudyOptions& o = a->options;
  command.Add("--out", a->out, "run folder to write or resume").Required();
  command.Add("--d", a->d, "dimensions; the bulk at the largest, a spectrum at the smallest")
      .ShowDefault();
  command.Add("--ratio", a->ratio, "samples per dimension, n/d").ShowDefault();
  command
      .Add("--strength",
           a->strength,
           "lambda/sigma^2 of one spike, in units of the threshold "
           "sqrt(d/(n-1)); auto: 12 from 0.3 to 10")
      .ShowDefault();
  command
      .Add("--spectrum",
           a->spectrum,
           "variances of any rank, a list; or a:b, the power law a (k+1)^-b of d modes")
      .ShowDefault();
  command.Add("--sigmas", a->sigmas, "noise levels on the spectrum; auto: 8 from 0.1 to 4")
      .ShowDefault();
  command.Add("--modes", o.modes, "leading modes of the spectrum compared").ShowDefault();
  command.Add("--trials", o.trials, "trials behind each mean").ShowDefault();
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
