#include "denoscope/verdict/reading_search.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/data/noise.h"
#include "denoscope/image/quality.h"
#include "denoscope/results/records.h"

namespace denoscope {
namespace {

// What the network may be told, by scale and schedule.
std::vector<Parameterisation> Inputs(const NetworkDenoiser& declared) {
  std::vector<Parameterisation> inputs;
  const auto add = [&](SigmaInput input, double scale) {
    inputs.push_back(declared.Reading());
    inputs.back().sigma_input = input;
    inputs.back().sigma_scale = scale;
    inputs.back().schedule.reset();
  };
  const NetworkTraits& network = declared.Wrapped()->Traits();
  if (network.takes_sigma) {
    for (const double scale : {1.0, 255.0}) add(SigmaInput::kScalar, scale);
    add(SigmaInput::kLog, 1);
    for (const char* schedule : {"linear", "cosine"}) {
      add(SigmaInput::kTimestep, 1);
      inputs.back().schedule.emplace(NoiseSchedule::Named(schedule));
    }
  } else if (network.input_channels > network.output_channels) {
    for (const double scale : {1.0, 255.0}) add(SigmaInput::kMap, scale);
    add(SigmaInput::kLogMap, 1);
  } else {
    add(SigmaInput::kNone, 1);
  }
  return inputs;
}

double ErrorAt(const Denoiser& denoiser, const torch::Tensor& x, double sigma, std::uint64_t seed) {
  const torch::Tensor z = StandardNoise(x.sizes(), seed, fmt::format("reading/{}", sigma));
  try {
    return Mse(denoiser.Denoise(x + sigma * z, sigma), x);
  } catch (const Error&) {  // a level that the schedule has not, or an output that runs off
    return kNotComputed;
  }
}

}  // namespace

std::vector<Parameterisation> UsualReadings(const NetworkDenoiser& declared) {
  std::vector<Parameterisation> readings = {declared.Reading()};
  for (const Parameterisation& input : Inputs(declared))
    for (const std::string& prediction : NamesOf<Prediction>())
      for (const ValueRange& range : {ValueRange{0, 1}, ValueRange{-1, 1}, ValueRange{0, 255}}) {
        Parameterisation p = input;
        p.prediction = FromName<Prediction>(prediction);
        // The published convention is 0.5 on -1..1; a declared q goes with the range.
        p.data_rms = declared.Reading().data_rms * range.Width() / declared.Reading().range.Width();
        p.range = range;
        readings.push_back(p);
        if (p.prediction != Prediction::kEdm || p.data_rms == 0.5) continue;
        p.data_rms = 0.5;
        readings.push_back(p);
      }
  return readings;
}

std::vector<ReadingFit> FitReadings(const NetworkDenoiser& declared,
                                    const ImageSet& set,
                                    std::int64_t images,
                                    const std::vector<double>& sigmas,
                                    std::uint64_t seed) {
  const at::NoGradGuard no_gradient;
  const torch::Tensor x = set.Range(0, std::min(images, set.Count()));
  std::vector<ReadingFit> fits;
  bool first = true;
  for (const Parameterisation& reading : UsualReadings(declared)) {
    StopIfCancelled("search for a reading");
    const NetworkDenoiser denoiser(
        declared.Traits().name, declared.Wrapped(), reading, std::nullopt);
    ReadingFit fit{reading, Eigen::VectorXd(static_cast<Eigen::Index>(sigmas.size()))};
    fit.declared = first;
    first = false;
    double sum = 0, levels = 0;
    for (std::size_t s = 0; s < sigmas.size(); ++s) {
      const double mse = ErrorAt(denoiser, x, sigmas[s], seed);
      fit.mse[static_cast<Eigen::Index>(s)] = mse;
      if (std::isnan(mse)) continue;
      sum += std::log(mse / (sigmas[s] * sigmas[s]));
      ++levels;
    }
    if (2 * levels < static_cast<double>(sigmas.size()) || levels == 0) continue;
    fit.score = sum / levels;
    fits.push_back(fit);
  }
  std::stable_sort(fits.begin(), fits.end(), [](const ReadingFit& a, const ReadingFit& b) {
    return a.score < b.score;
  });
  return fits;
}

}  // namespace denoscope
