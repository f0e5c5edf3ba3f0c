#include "denoscope/denoise/parameterisation.h"

#include <cmath>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {
bool IsArgument(SigmaInput input) {
  return input == SigmaInput::kScalar || input == SigmaInput::kLog ||
         input == SigmaInput::kTimestep;
}
bool IsMap(SigmaInput input) { return input == SigmaInput::kMap || input == SigmaInput::kLogMap; }

void Parameterisation::Check() const {
  if (schedule.has_value() != (sigma_input == SigmaInput::kTimestep))
    throw Error("sigma input {}: {}",
                NameOf(sigma_input),
                schedule ? "has no use for a schedule, which is of timestep"
                         : "needs a schedule, linear, cosine or a file");
  if (!(range.low < range.high) || !std::isfinite(range.low) || !std::isfinite(range.high))
    throw Error("value range: expected low < high, found {} to {}", range.low, range.high);
  if (!(data_rms > 0) || !std::isfinite(data_rms))
    throw Error("data_rms must be positive, found {}", data_rms);
  if (!(sigma_scale > 0) || !std::isfinite(sigma_scale))
    throw Error("scale of the sigma input must be positive, found {}", sigma_scale);
}

bool Parameterisation::UsesSigma() const {
  return sigma_input != SigmaInput::kNone ||
         (prediction != Prediction::kX0 && prediction != Prediction::kResidual);
}

Coefficients CoefficientsAt(const Parameterisation& p, double s) {
  const double q = p.data_rms, scale = std::hypot(s, q), preserving = std::hypot(s, 1.0);
  switch (p.prediction) {
    case Prediction::kX0:
      return {0, 1, 1};
    case Prediction::kResidual:
      return {1, -1, 1};
    case Prediction::kEps:
      return {1, -s, 1 / preserving};
    case Prediction::kV:
      return {1 / (preserving * preserving), -s / preserving, 1 / preserving};
    case Prediction::kScore:
      return {1, s * s, 1};
    case Prediction::kEdm:
      return {q * q / (scale * scale), s * q / scale, 1 / scale};
  }
  throw Error("prediction {}: unknown", static_cast<int>(p.prediction));
}

double NoiseInputAt(const Parameterisation& p, double s) {
  if (p.sigma_input == SigmaInput::kTimestep) return p.schedule->Timestep(s);
  const double scaled = p.sigma_scale * s;
  const bool log = p.sigma_input == SigmaInput::kLog || p.sigma_input == SigmaInput::kLogMap;
  return log ? std::log(scaled) / 4 : scaled;
}

std::string SigmaInputText(const Parameterisation& p) {
  std::string text = NameOf(p.sigma_input);
  if (p.schedule) text += fmt::format(" of schedule {}", p.schedule->Name());
  if (p.sigma_scale != 1) text += fmt::format(", times {:g}", p.sigma_scale);
  return text;
}

void AddToJson(const Parameterisation& p, Json& json) {
  json["prediction"] = NameOf(p.prediction);
  json["sigma_input"] = NameOf(p.sigma_input);
  json["data_rms"] = p.data_rms;
  if (!p.range.IsUnit()) json["value_range"] = {p.range.low, p.range.high};
  if (p.sigma_scale != 1) json["sigma_scale"] = p.sigma_scale;
  if (p.clamp_input) json["clamp_input"] = true;
  if (p.schedule && NoiseSchedule::IsNamed(p.schedule->Name()))
    json["schedule"] = p.schedule->Name();
  else if (p.schedule)
    json["schedule"] = {{"name", p.schedule->Name()}, {"alpha_bar", p.schedule->AlphaBar()}};
}

Parameterisation ParameterisationFromJson(const Json& json, const std::filesystem::path& path) {
  Parameterisation p;
  p.prediction = FromName<Prediction>(JsonField<std::string>(json, "prediction", path));
  p.sigma_input = FromName<SigmaInput>(JsonField<std::string>(json, "sigma_input", path));
  p.data_rms = JsonField<double>(json, "data_rms", path);
  if (json.contains("value_range")) {
    const auto range = JsonField<std::vector<double>>(json, "value_range", path);
    if (range.size() != 2)
      throw Error("json '{}': value_range: expected [low, high]", path.string());
    p.range = {range[0], range[1]};
  }
  if (json.contains("sigma_scale")) p.sigma_scale = JsonField<double>(json, "sigma_scale", path);
  if (json.contains("clamp_input")) p.clamp_input = JsonField<bool>(json, "clamp_input", path);
  if (json.contains("schedule")) {
    const Json schedule = JsonField<Json>(json, "schedule", path);
    if (schedule.is_string())
      p.schedule = NoiseSchedule::Named(schedule.get<std::string>());
    else
      p.schedule.emplace(JsonField<std::string>(schedule, "name", path),
                         JsonField<std::vector<double>>(schedule, "alpha_bar", path));
  }
  try {
    p.Check();
  } catch (const Error& e) {
    throw Error("json '{}': {}", path.string(), e.what());
  }
  return p;
}

}  // namespace denoscope
