#include "tools/output/bench_text.h"

#include <fmt/format.h>

namespace denoscope {
namespace {

double Number(const Json& result, const char* name) { return result[name].get<double>(); }

}  // namespace

std::string JacobianSpeedText(const Json& r) {
  const std::string error =
      r["max_error"].is_null() ? "" : fmt::format(", error {:.1e}", Number(r, "max_error"));
  return fmt::format(
      "{}: d = {}, {:.3f} s, {:.1f} GFLOP by backward passes, {:.1f} done, dense share {:.2f} "
      "of the convolution peak of {:.0f} GFLOP/s{}\n",
      r["name"].get<std::string>(),
      r["d"].get<std::int64_t>(),
      Number(r, "seconds"),
      Number(r, "dense_gflop"),
      Number(r, "executed_gflop"),
      Number(r, "dense_share"),
      Number(r, "conv_peak_gflops"),
      error);
}

std::string TrainingSpeedText(const TrainingSpeed& speed) {
  return fmt::format(
      "{} parameters, 1x28x28, batch {}: {:.0f} images/s, {:.2f} of the convolution peak of "
      "{:.0f} GFLOP/s; peak memory {:.0f} MB after 5 steps, {:.0f} MB after an epoch of {}\n",
      speed.parameters,
      speed.batch,
      speed.images_per_second,
      speed.peak_share,
      speed.conv_peak_gflops,
      1e-6 * static_cast<double>(speed.early_memory),
      1e-6 * static_cast<double>(speed.memory),
      speed.epoch_steps);
}

Json TrainingSpeedJson(const TrainingSpeed& speed) {
  return {{"parameters", speed.parameters},
          {"images_per_second", speed.images_per_second},
          {"gflop_an_image", speed.gflop_an_image},
          {"conv_peak_gflops", speed.conv_peak_gflops},
          {"peak_share", speed.peak_share},
          {"peak_memory_of_5_steps", speed.early_memory},
          {"peak_memory_of_an_epoch", speed.memory}};
}

std::string WeightsSpeedText(const Json& r) {
  return fmt::format(
      "{}: {:.1f} MB of tensors in {:.3f} s, {:.2f} times reading the file plainly ({:.3f} s); "
      "{:.2f} times their size in memory\n",
      r["file"].get<std::string>(),
      Number(r, "tensor_bytes") / 1e6,
      Number(r, "seconds"),
      Number(r, "time_ratio"),
      Number(r, "plain_seconds"),
      Number(r, "memory_ratio"));
}

std::string SpectrumSpeedText(const Json& r) {
  return fmt::format(
      "d = {}: {:.3f} s, {:.2f} times a bare LAPACKE ssyevd ({:.3f} s), residual {:.1e}\n",
      r["d"].get<std::int64_t>(),
      Number(r, "seconds"),
      Number(r, "ratio"),
      Number(r, "bare_seconds"),
      Number(r, "residual"));
}

std::string RankedSpectrumText(const Json& r) {
  return fmt::format(
      "d = {}: ELPA on {} x {} ranks, blocks of {}: {:.3f} s, LAPACK on {} threads {:.3f} s, "
      "{:.2f} times its speed (float64: {:.3f} s, {:.3f} s, {:.2f}); file to file {:.3f} s; values "
      "within {:.1e}, orthonormal to {:.1e}, residual {:.1e}\n",
      r["d"].get<std::int64_t>(),
      r["grid"][0].get<int>(),
      r["grid"][1].get<int>(),
      r["block"].get<int>(),
      Number(r, "seconds"),
      r["lapack_threads"].get<int>(),
      Number(r, "lapack_seconds"),
      Number(r, "ratio"),
      Number(r, "seconds64"),
      Number(r, "lapack64_seconds"),
      Number(r, "ratio64"),
      Number(r, "file_seconds"),
      Number(r, "values_error"),
      Number(r, "orthonormality_error"),
      Number(r, "residual"));
}

}  // namespace denoscope
