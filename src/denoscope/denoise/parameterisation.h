// How a network F is read as a denoiser: D(y; s) = c_skip(s) y + c_out(s) F(c_in(s) y; s).
//
//   prediction   c_skip         c_out              c_in            source
//   x0           0              1                  1               F estimates the clean image
//   residual     1              -1                 1               F estimates the noise sigma z
//   edm          q^2/(s^2+q^2)  s q/sqrt(s^2+q^2)  1/sqrt(s^2+q^2) Karras et al. 2022, table 1
//
// q is the root mean square of the data. J = c_skip I + c_out c_in F'. The noise level reaches F
// not at all (blind), as a second argument (B) on the [0,1] scale, or as one more channel that is
// ln(s)/4 everywhere.
#pragma once

#include <string>

namespace denoscope {

enum class Prediction { kX0, kResidual, kEdm };
std::string PredictionName(Prediction prediction);
Prediction PredictionFromName(const std::string& name);

enum class SigmaInput { kNone, kScalar, kLogMap };
std::string SigmaInputName(SigmaInput input);  // "none", "scalar", "log-map"
SigmaInput SigmaInputFromName(const std::string& name);

struct Parameterisation {
  Prediction prediction = Prediction::kEdm;
  double data_rms = 0.5;  // q, used by edm, > 0
  SigmaInput sigma_input = SigmaInput::kLogMap;
};

}  // namespace denoscope
