// How a network F is read as a denoiser, in the network's own units: of its value range the pixels
// v = low + (high - low) y, the noise s = (high - low) sigma,
//
//   D(v; s) = c_skip(s) v + c_out(s) F(c_in(s) v; noise input).
//
//   prediction   c_skip         c_out              c_in            source
//   x0           0              1                  1               F estimates the clean image
//   residual     1              -1                 1               F estimates the noise s z
//   eps          1              -s                 1/sqrt(s^2+1)   F estimates z (Ho et al. 2020)
//   v            1/(s^2+1)      -s/sqrt(s^2+1)     1/sqrt(s^2+1)   Salimans, Ho 2022
//   score        1              s^2                1               F estimates grad ln p_s(v)
//   edm          q^2/(s^2+q^2)  s q/sqrt(s^2+q^2)  1/sqrt(s^2+q^2) Karras et al. 2022, table 1
//
// q is the root mean square of the data in the value range. F of eps and v sees c_in v, the x_t of
// a variance-preserving diffusion. J = c_skip I + c_out c_in F', whatever the value range.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "denoscope/base/enum_names.h"
#include "denoscope/denoise/noise_schedule.h"
#include "denoscope/files/json.h"

namespace denoscope {

enum class Prediction { kX0, kResidual, kEps, kV, kScore, kEdm };
template <>
struct EnumNames<Prediction> {
  static constexpr const char* kWhat = "prediction";
  static constexpr EnumName<Prediction> kNames[] = {{Prediction::kX0, "x0"},
                                                    {Prediction::kResidual, "residual"},
                                                    {Prediction::kEps, "eps"},
                                                    {Prediction::kV, "v"},
                                                    {Prediction::kScore, "score"},
                                                    {Prediction::kEdm, "edm"}};
};

// What the network is told of the noise, with s' = sigma_scale s.
enum class SigmaInput {
  kNone,      // nothing: blind
  kScalar,    // s', a second argument (B), as are the next two
  kLog,       // ln(s')/4
  kTimestep,  // the timestep of s in a schedule
  kMap,       // s' everywhere in one more channel
  kLogMap,    // ln(s')/4 there
};
template <>
struct EnumNames<SigmaInput> {
  static constexpr const char* kWhat = "sigma input";
  static constexpr EnumName<SigmaInput> kNames[] = {{SigmaInput::kNone, "none"},
                                                    {SigmaInput::kScalar, "scalar"},
                                                    {SigmaInput::kLog, "log"},
                                                    {SigmaInput::kTimestep, "timestep"},
                                                    {SigmaInput::kMap, "map"},
                                                    {SigmaInput::kLogMap, "log-map"}};
};
bool IsArgument(SigmaInput input);  // scalar, log, timestep
bool IsMap(SigmaInput input);       // map, log-map

struct ValueRange {
  double low = 0, high = 1;
  double Width() const { return high - low; }
  bool IsUnit() const { return low == 0 && high == 1; }
};

struct Parameterisation {
  Prediction prediction = Prediction::kEdm;
  double data_rms = 0.5;  // q, of edm
  SigmaInput sigma_input = SigmaInput::kLogMap;
  std::optional<NoiseSchedule> schedule = {};  // of timestep, and only there
  ValueRange range = {};
  double sigma_scale = 1;
  bool clamp_input = false;  // v is clamped to the range first: no derivative outside it

  void Check() const;  // throws, naming what does not go together
  bool UsesSigma() const;
};

struct Coefficients {
  double skip = 0, out = 1, in = 1;
};
Coefficients CoefficientsAt(const Parameterisation& parameterisation, double s);
// What the network is told, of argument and map; s in the network's units.
double NoiseInputAt(const Parameterisation& parameterisation, double s);

std::string SigmaInputText(const Parameterisation& parameterisation);  // in words

// Fields of model.json; reading throws, naming `path`.
void AddToJson(const Parameterisation& parameterisation, Json& json);
Parameterisation ParameterisationFromJson(const Json& json, const std::filesystem::path& path);

}  // namespace denoscope
