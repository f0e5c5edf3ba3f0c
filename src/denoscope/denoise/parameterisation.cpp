#include "denoscope/denoise/parameterisation.h"

#include "denoscope/base/error.h"

namespace denoscope {

std::string PredictionName(Prediction prediction) {
  switch (prediction) {
    case Prediction::kX0:
      return "x0";
    case Prediction::kResidual:
      return "residual";
    case Prediction::kEdm:
      return "edm";
  }
  throw Error("prediction {}: unknown", static_cast<int>(prediction));
}

Prediction PredictionFromName(const std::string& name) {
  for (const auto p : {Prediction::kX0, Prediction::kResidual, Prediction::kEdm})
    if (PredictionName(p) == name) return p;
  throw Error("prediction '{}': unknown, expected x0, residual or edm", name);
}

std::string SigmaInputName(SigmaInput input) {
  switch (input) {
    case SigmaInput::kNone:
      return "none";
    case SigmaInput::kScalar:
      return "scalar";
    case SigmaInput::kLogMap:
      return "log-map";
  }
  throw Error("sigma input {}: unknown", static_cast<int>(input));
}

SigmaInput SigmaInputFromName(const std::string& name) {
  for (const auto i : {SigmaInput::kNone, SigmaInput::kScalar, SigmaInput::kLogMap})
    if (SigmaInputName(i) == name) return i;
  throw Error("sigma input '{}': unknown, expected none, scalar or log-map", name);
}

}  // namespace denoscope
