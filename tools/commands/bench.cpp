// denoscope bench: how fast, beside the machine's own peak and the error made.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "denoscope/base/error.h"
#include "denoscope/bench/bench_jacobian.h"
#include "denoscope/bench/bench_spectrum.h"
#include "denoscope/bench/bench_training.h"
#include "denoscope/bench/bench_weights.h"
#include "denoscope/bench/convolution_peak.h"
#include "denoscope/denoise/model_description.h"
#include "denoscope/ranks/ranks.h"
#include "tools/arguments/number_list.h"
#include "tools/commands/commands.h"
#include "tools/output/bench_text.h"

namespace denoscope {
namespace {

void RunJacobian(int repeats, const SharedFlags& flags) {
  const double peak = ConvolutionPeakGflops();
  Json json = {{"threads", at::get_num_threads()}, {"cases", Json::array()}};
  for (const ImageShape& shape : {ImageShape{1, 28, 28}, ImageShape{3, 64, 64}}) {
    json["cases"].push_back(BenchJacobian(shape, shape.H > 28 ? 1 : repeats, peak));
    if (!flags.json) fmt::print("{}", JacobianSpeedText(json["cases"].back()));
  }
  if (flags.json) fmt::print("{}\n", json.dump(2));
}

void RunTrain(const std::string& features, int repeats, const SharedFlags& flags) {
  const TrainingSpeed speed = BenchTraining(ParseIntegers(features), repeats);
  if (flags.json)
    fmt::print("{}\n", TrainingSpeedJson(speed).dump(2));
  else
    fmt::print("{}", TrainingSpeedText(speed));
}

void RunWeights(const std::string& path, int repeats, const SharedFlags& flags) {
  const Json result = BenchWeights(path, repeats);
  fmt::print("{}", flags.json ? result.dump(2) + "\n" : WeightsSpeedText(result));
}

void RunRankedSpectra(const std::string& sizes,
                      int repeats,
                      const ElpaOptions& options,
                      const SharedFlags& flags) {
  Ranks::OfThisJob().Agree(fmt::format("sizes={}\nrepeats={}\n", sizes, repeats));
  Json json = {{"cases", Json::array()}};
  for (const std::int64_t d : ParseIntegers(sizes)) {
    json["cases"].push_back(BenchRankedSpectrum(d, repeats, options));
    if (flags.json || !Ranks::OfThisJob().IsFirst()) continue;
    fmt::print("{}", RankedSpectrumText(json["cases"].back()));
    std::fflush(stdout);
  }
  if (flags.json && Ranks::OfThisJob().IsFirst()) fmt::print("{}\n", json.dump(2));
}

void RunSpectra(const std::string& sizes, int repeats, const SharedFlags& flags) {
  Json json = {{"threads", at::get_num_threads()}, {"cases", Json::array()}};
  for (const std::int64_t d : ParseIntegers(sizes)) {
    json["cases"].push_back(BenchSpectrum(d, repeats));
    if (!flags.json) fmt::print("{}", SpectrumSpeedText(json["cases"].back()));
  }
  if (flags.json) fmt::print("{}\n", json.dump(2));
}

}  // namespace

void AddBenchCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand(
      "bench", "speed of the engine, of spectra, of training and of reading weights");
  auto repeats = std::make_shared<int>(5);
  auto features =
      std::make_shared<std::string>(fmt::format("{}", fmt::join(UnetOptions().features, ",")));
  Command jacobian = command.AddCommand("jacobian", "the whole Jacobian, beside the conv peak");
  Command train = command.AddCommand("train", "training steps at 1x28x28, batch 64");
  train.Add("--features", *features, "channels by level").ShowDefault();
  auto file = std::make_shared<std::string>();
  Command weights =
      command.AddCommand("weights", "reading a weights file, beside reading its bytes");
  weights.Add("file", *file, "safetensors or a PyTorch checkpoint").Required();
  auto sizes = std::make_shared<std::string>("784,3072");
  Command spectrum =
      command.AddCommand("spectrum", "symmetric eigenpairs in float32, beside a bare LAPACKE call");
  spectrum.Add("--sizes", *sizes, "numbers of rows d").ShowDefault();
  auto elpa = std::make_shared<ElpaOptions>();
  auto ranked = std::make_shared<bool>(false);
  spectrum.Add(
      "--elpa", *ranked, "under mpirun: on the ranks by ELPA, beside LAPACK in one process");
  spectrum.Add("--elpa-block", elpa->block, "rows and columns of its blocks").ShowDefault();
  spectrum.Add("--elpa-rows", elpa->grid_rows, "rows of its grid of ranks; 0: chosen")
      .ShowDefault();
  spectrum.Add("--elpa-stages", elpa->stages, "to tridiagonal form: 1 or 2").ShowDefault();
  for (Command one : {jacobian, train, weights, spectrum}) {
    one.OnParsed([one, ranked] {
      if (Ranks::OfThisJob().Count() > 1 && !*ranked)
        throw UsageError(
            "bench {}: is work for one process, found {} ranks; bench spectrum --elpa "
            "takes several",
            one.Name(),
            Ranks::OfThisJob().Count());
    });
    one.Add("--repeats", *repeats, "timed runs, the median is given")
        .Between(1, 1000)
        .ShowDefault();
    AddSharedFlags(one, flags);
  }
  jacobian.OnRun([repeats, &flags] { RunJacobian(*repeats, flags); });
  weights.OnRun([repeats, file, &flags] { RunWeights(*file, *repeats, flags); });
  spectrum.OnRun([repeats, sizes, elpa, ranked, &flags] {
    if (*ranked)
      RunRankedSpectra(*sizes, *repeats, *elpa, flags);
    else
      RunSpectra(*sizes, *repeats, flags);
  });
  train.OnRun([repeats, features, &flags] { RunTrain(*features, *repeats, flags); });
}

}  // namespace denoscope
