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

void AddBenchCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand(
      "bench", "speed of the engine, of spectra, of training and of reading weights");
  command->require_subcommand(1);
  auto repeats = std::make_shared<int>(5);
  auto features =
      std::make_shared<std::string>(fmt::format("{}", fmt::join(UnetOptions().features, ",")));
  CLI::App* jacobian =
      command->add_subcommand("jacobian", "the whole Jacobian, beside the conv peak");
  CLI::App* train = command->add_subcommand("train", "training steps at 1x28x28, batch 64");
  train->add_option("--features", *features, "channels by level")->capture_default_str();
  auto file = std::make_shared<std::string>();
  CLI::App* weights =
      command->add_subcommand("weights", "reading a weights file, beside reading its bytes");
  weights->add_option("file", *file, "safetensors or a PyTorch checkpoint")->required();
  auto sizes = std::make_shared<std::string>("784,3072");
  CLI::App* spectrum = command->add_subcommand(
      "spectrum", "symmetric eigenpairs in float32, beside a bare LAPACKE call");
  spectrum->add_option("--sizes", *sizes, "numbers of rows d")->capture_default_str();
  auto elpa = std::make_shared<ElpaOptions>();
  auto ranked = std::make_shared<bool>(false);
  spectrum->add_flag(
      "--elpa", *ranked, "under mpirun: on the ranks by ELPA, beside LAPACK in one process");
  spectrum->add_option("--elpa-block", elpa->block, "rows and columns of its blocks")
      ->capture_default_str();
  spectrum->add_option("--elpa-rows", elpa->grid_rows, "rows of its grid of ranks; 0: chosen")
      ->capture_default_str();
  spectrum->add_option("--elpa-stages", elpa->stages, "to tridiagonal form: 1 or 2")
      ->capture_default_str();
  for (CLI::App* one : {jacobian, train, weights, spectrum}) {
    one->parse_complete_callback([one, ranked] {
      if (Ranks::OfThisJob().Count() > 1 && !*ranked)
        throw UsageError(
            "bench {}: is work for one process, found {} ranks; bench spectrum --elpa "
            "takes several",
            one->get_name(),
            Ranks::OfThisJob().Count());
    });
    one->add_option("--repeats", *repeats, "timed runs, the median is given")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    AddSharedFlags(*one, flags);
  }
  jacobian->callback([repeats, &flags] { RunJacobian(*repeats, flags); });
  weights->callback([repeats, file, &flags] { RunWeights(*file, *repeats, flags); });
  spectrum->callback([repeats, sizes, elpa, ranked, &flags] {
    if (*ranked)
      RunRankedSpectra(*sizes, *repeats, *elpa, flags);
    else
      RunSpectra(*sizes, *repeats, flags);
  });
  train->callback([repeats, features, &flags] { RunTrain(*features, *repeats, flags); });
}

}  // namespace denoscope
