// denoscope bench: how fast, beside the machine's own peak and the error made.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/data/noise.h"
#include "denoscope/denoise/model_folder.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/theory/frequency/emergence.h"
#include "denoscope/training/trainer.h"
#include "denoscope/weights/weights_file.h"
#include "tools/bench_spectrum.h"
#include "tools/command.h"
#include "tools/number_list.h"

namespace denoscope {
namespace {

double Median(const std::vector<double>& x) { return Quantile(x, 0.5); }

// The best float32 convolution rate of this machine, channels_last: the yardstick.
double ConvolutionPeakGflops() {
  const at::NoGradGuard no_gradient;
  double best = 0;
  for (const auto& [channels, side] : {std::pair{32L, 28L}, {64L, 14L}, {64L, 28L}, {128L, 14L}}) {
    constexpr long kBatch = 16;
    const auto layout = at::MemoryFormat::ChannelsLast;
    const torch::Tensor x = at::randn({kBatch, channels, side, side}).contiguous(layout);
    const torch::Tensor w = at::randn({channels, channels, 3, 3}).contiguous(layout);
    const double flop = 2.0 * kBatch * channels * channels * 9 * side * side;
    for (int i = 0; i < 40; ++i)
      best = std::max(best, flop / 1e9 / SecondsOf([&] { at::conv2d(x, w, {}, 1, 1); }));
  }
  return best;
}

struct Case {
  std::string name;
  std::int64_t C, H, W;
};

// dense_gflop: d backward passes through the convolutions, what a method row by row has to do;
// executed_gflop: what was done; max_error: against central differences in float64, over the
// largest entry, first case.
Json JacobianCase(const Case& c, int repeats, double peak) {
  ModelDescription description = ModelPreset("conditioned");
  description.unet.channels = c.C;
  description.unet.features = {32, 64, 112};
  torch::manual_seed(1);
  const auto network = std::make_shared<TableNetwork>(description.Table());
  for (torch::Tensor& p : network->parameters()) p.requires_grad_(false);
  NetworkDenoiser denoiser(c.name, network, description.parameterisation, std::nullopt);
  const torch::Tensor y = StandardNoise({c.C, c.H, c.W}, 1, "bench/image") * 0.3 + 0.5;
  constexpr double kSigma = 0.3;
  const std::int64_t d = y.numel();
  if (repeats > 1) DenseJacobian(denoiser, y, kSigma);
  std::vector<double> seconds;
  JacobianAt at;
  for (int i = 0; i < repeats; ++i) {
    at = {};
    seconds.push_back(SecondsOf([&] { at = DenseJacobian(denoiser, y, kSigma); }));
  }
  const double gflop = static_cast<double>(d) * network->Table().Gflop(c.H, c.W);
  Json result = {{"name", c.name},
                 {"d", d},
                 {"seconds", Median(seconds)},
                 {"dense_gflop", gflop},
                 {"executed_gflop", at.gflop},
                 {"conv_peak_gflops", peak},
                 {"dense_share", gflop / Median(seconds) / peak},
                 {"max_error", nullptr}};
  if (d <= 1024) {
    denoiser.SetType(torch::kFloat64);
    const torch::Tensor twin = DifferenceJacobian(denoiser, y.to(torch::kFloat64), kSigma);
    result["max_error"] =
        ((at.J.to(torch::kFloat64) - twin).abs().max() / twin.abs().max()).item<double>();
  }
  return result;
}

void BenchJacobian(int repeats, const SharedFlags& flags) {
  const double peak = ConvolutionPeakGflops();
  Json json = {{"threads", at::get_num_threads()}, {"cases", Json::array()}};
  for (const Case& c : {Case{"unet-1x28x28", 1, 28, 28}, Case{"unet-3x64x64", 3, 64, 64}}) {
    json["cases"].push_back(JacobianCase(c, c.H > 28 ? 1 : repeats, peak));
    const Json& r = json["cases"].back();
    if (!flags.json)
      fmt::print(
          "{}: d = {}, {:.3f} s, {:.1f} GFLOP by backward passes, {:.1f} done, dense share {:.2f} "
          "of the convolution peak of {:.0f} GFLOP/s{}\n",
          c.name,
          r["d"].get<std::int64_t>(),
          r["seconds"].get<double>(),
          r["dense_gflop"].get<double>(),
          r["executed_gflop"].get<double>(),
          r["dense_share"].get<double>(),
          peak,
          r["max_error"].is_null() ? ""
                                   : fmt::format(", error {:.1e}", r["max_error"].get<double>()));
  }
  if (flags.json) fmt::print("{}\n", json.dump(2));
}

// The whole loop of training, on images at hand, beside the convolution peak: a step costs three
// times the forward's products, its own and those of both gradients.
void BenchTrain(const std::string& features, int repeats, const SharedFlags& flags) {
  ModelDescription description = ModelPreset("conditioned");
  description.unet.features = ParseIntegers(features);
  constexpr std::int64_t kImages = 2000, kSide = 28;
  const double gflop = 3 * description.Table().Gflop(kSide, kSide);
  const torch::Tensor bytes =
      (StandardNoise({kImages, 1, kSide, kSide}, 1, "bench/images") * 40 + 128)
          .clamp(0, 255)
          .to(torch::kUInt8);
  const ImageSet images("bench", "train", bytes, "none");
  TrainOptions options;
  options.validation_images = 2;
  options.steps = (kImages - 2) / options.batch + 5;  // more than an epoch
  const double peak = ConvolutionPeakGflops();
  std::vector<double> rates;
  std::int64_t parameters = 0, early_memory = 0, memory = 0;
  const auto sink = [&](const Progress& p) {
    if (p.done == 5 && early_memory == 0) early_memory = PeakMemory();
  };
  for (int i = 0; i <= repeats; ++i) {  // the first warms up
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / fmt::format("denoscope-bench-{}", ::getpid());
    const TrainReport report = Train(description, images, options, folder, sink);
    std::filesystem::remove_all(folder);
    parameters = report.model.parameters;
    if (i == 0) memory = PeakMemory();
    if (i > 0) rates.push_back(report.images_per_second);
  }
  const double rate = Median(rates), share = rate * gflop / peak;
  if (flags.json)
    fmt::print("{}\n",
               Json({{"parameters", parameters},
                     {"images_per_second", rate},
                     {"gflop_an_image", gflop},
                     {"conv_peak_gflops", peak},
                     {"peak_share", share},
                     {"peak_memory_of_5_steps", early_memory},
                     {"peak_memory_of_an_epoch", memory}})
                   .dump(2));
  else
    fmt::print(
        "{} parameters, 1x28x28, batch {}: {:.0f} images/s, {:.2f} of the convolution peak of "
        "{:.0f} GFLOP/s; peak memory {:.0f} MB after 5 steps, {:.0f} MB after an epoch of {}\n",
        parameters,
        options.batch,
        rate,
        share,
        peak,
        1e-6 * static_cast<double>(early_memory),
        1e-6 * static_cast<double>(memory),
        options.steps - 5);
}

// Reading every tensor of a weights file, beside reading the file's bytes into memory.
void BenchWeights(const std::string& path, int repeats, const SharedFlags& flags) {
  std::vector<double> plain, tensors, ratios;
  std::int64_t bytes = 0, memory = 0;
  for (int i = 0; i <= repeats; ++i) {
    // The first pass warms the file cache; its memory is counted before any other is kept.
    const double one = i > 0 ? SecondsOf([&] { ReadFile(path); }) : 0;
    ForgetPeakMemory();
    const std::int64_t before = PeakMemory();
    std::map<std::string, Array> kept;
    const double other = SecondsOf([&] {
      const auto file = OpenWeights(path);
      for (const auto& [name, info] : file->Tensors()) kept[name] = file->Read(name);
    });
    bytes = 0;
    for (const auto& [name, array] : kept) bytes += static_cast<std::int64_t>(array.bytes.size());
    if (i == 0) memory = PeakMemory() - before;
    if (i == 0) continue;
    plain.push_back(one);
    tensors.push_back(other);
    ratios.push_back(other / one);
  }
  const double share = static_cast<double>(memory) / static_cast<double>(bytes);
  if (flags.json)
    fmt::print("{}\n",
               Json({{"file", path},
                     {"tensor_bytes", bytes},
                     {"seconds", Median(tensors)},
                     {"plain_seconds", Median(plain)},
                     {"time_ratio", Median(ratios)},
                     {"memory_ratio", share}})
                   .dump(2));
  else
    fmt::print(
        "{}: {:.1f} MB of tensors in {:.3f} s, {:.2f} times reading the file plainly ({:.3f} s); "
        "{:.2f} times their size in memory\n",
        path,
        static_cast<double>(bytes) / 1e6,
        Median(tensors),
        Median(ratios),
        Median(plain),
        share);
}

void BenchRankedSpectra(const std::string& sizes,
                        int repeats,
                        const ElpaOptions& options,
                        const SharedFlags& flags) {
  Ranks::OfThisJob().Agree(fmt::format("sizes={}\nrepeats={}\n", sizes, repeats));
  Json json = {{"cases", Json::array()}};
  for (const std::int64_t d : ParseIntegers(sizes)) {
    const Json r = BenchRankedSpectrum(d, repeats, options);
    json["cases"].push_back(r);
    if (flags.json || !Ranks::OfThisJob().IsFirst()) continue;
    const auto number = [&](const char* name) { return r[name].get<double>(); };
    fmt::print(
        "d = {}: ELPA on {} x {} ranks, blocks of {}: {:.3f} s, LAPACK on {} threads {:.3f} s, "
        "{:.2f} "
        "times its speed (float64: {:.3f} s, {:.3f} s, {:.2f}); file to file {:.3f} s; values "
        "within "
        "{:.1e}, orthonormal to {:.1e}, residual {:.1e}\n",
        d,
        r["grid"][0].get<int>(),
        r["grid"][1].get<int>(),
        r["block"].get<int>(),
        number("seconds"),
        r["lapack_threads"].get<int>(),
        number("lapack_seconds"),
        number("ratio"),
        number("seconds64"),
        number("lapack64_seconds"),
        number("ratio64"),
        number("file_seconds"),
        number("values_error"),
        number("orthonormality_error"),
        number("residual"));
    std::fflush(stdout);
  }
  if (flags.json && Ranks::OfThisJob().IsFirst()) fmt::print("{}\n", json.dump(2));
}

void BenchSpectra(const std::string& sizes, int repeats, const SharedFlags& flags) {
  Json json = {{"threads", at::get_num_threads()}, {"cases", Json::array()}};
  for (const std::int64_t d : ParseIntegers(sizes)) {
    const Json r = BenchSpectrum(d, repeats);
    json["cases"].push_back(r);
    if (!flags.json)
      fmt::print(
          "d = {}: {:.3f} s, {:.2f} times a bare LAPACKE ssyevd ({:.3f} s), residual {:.1e}\n",
          d,
          r["seconds"].get<double>(),
          r["ratio"].get<double>(),
          r["bare_seconds"].get<double>(),
          r["residual"].get<double>());
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
  jacobian->callback([repeats, &flags] { BenchJacobian(*repeats, flags); });
  weights->callback([repeats, file, &flags] { BenchWeights(*file, *repeats, flags); });
  spectrum->callback([repeats, sizes, elpa, ranked, &flags] {
    if (*ranked)
      BenchRankedSpectra(*sizes, *repeats, *elpa, flags);
    else
      BenchSpectra(*sizes, *repeats, flags);
  });
  train->callback([repeats, features, &flags] { BenchTrain(*features, *repeats, flags); });
}

}  // namespace denoscope
