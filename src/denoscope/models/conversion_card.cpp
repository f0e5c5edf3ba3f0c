#include "denoscope/models/conversion_card.h"

#include <fmt/format.h>

namespace denoscope {

std::string ConversionCard(const LoadedModel& model,
                           const std::string& name,
                           const std::string& source,
                           const std::string& command) {
  const ModelDescription& d = model.description;
  std::string card = fmt::format(
      "# {}\n\nA denoiser of {} parameters, {}, output read as {}, sigma input {}, pixels on {:g} "
      "to "
      "{:g}{}.\n"
      "Converted from `{}` (sha256 {}) by\n\n    {}\n",
      name,
      model.parameters,
      d.Text(),
      NameOf(d.parameterisation.prediction),
      SigmaInputText(d.parameterisation),
      d.parameterisation.range.low,
      d.parameterisation.range.high,
      d.parameterisation.clamp_input ? ", clamped" : "",
      source,
      model.sha256,
      command);
  for (const std::string& note : model.notes) card += fmt::format("\n- {}", note);
  return card + (model.notes.empty() ? "" : "\n");
}

}  // namespace denoscope
