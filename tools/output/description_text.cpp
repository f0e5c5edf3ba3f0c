#include "tools/output/description_text.h"

#include <fmt/format.h>

#include <string>

namespace denoscope {
namespace {

std::string ReceptiveFieldText(const Json& r) {
  if (r["receptive_field"].is_null()) return "not local, as far as was looked";
  const auto side = r["receptive_field"].get<std::int64_t>();
  return fmt::format("{0} x {0} pixels{1}",
                     side,
                     r["receptive_field_from"] == "architecture" ? "" : " or more (measured)");
}

}  // namespace

void PrintDescription(const Json& r) {
  const auto line = [](const std::string& key, const std::string& value) {
    fmt::print("{:<16} {}\n", key, value);
  };
  const auto text = [&](const char* key) { return r[key].get<std::string>(); };
  line("name", text("name"));
  if (r.contains("architecture")) line("architecture", text("architecture"));
  line("parameters", std::to_string(r["parameters"].get<std::int64_t>()));
  line("sha256", text("sha256"));
  if (r.contains("n"))
    line("fitted to", fmt::format("{} images of the training split", r["n"].get<std::int64_t>()));
  if (r.contains("rank")) line("rank", std::to_string(r["rank"].get<std::int64_t>()));
  for (const Json& note : r.value("notes", Json::array())) line("note", note.get<std::string>());
  if (r.contains("prediction")) line("output read as", text("prediction"));
  if (r.contains("sigma_input_text")) line("sigma input", text("sigma_input_text"));
  if (r.contains("value_range"))
    line("pixels",
         fmt::format("on {:g} to {:g}{}",
                     r["value_range"][0].get<double>(),
                     r["value_range"][1].get<double>(),
                     r.value("clamp_input", false) ? ", clamped" : ""));
  else if (r.value("clamp_input", false))
    line("pixels", "clamped to 0 to 1");
  const auto channels = r["channels"].get<std::int64_t>();
  line("channels", channels > 0 ? std::to_string(channels) : "any number");
  if (r.contains("fixed_size"))
    line("size", fmt::format("{} alone", r["fixed_size"].dump()));
  else if (r["size_multiple"] == 1)
    line("size", "any");
  else
    line("size", fmt::format("multiples of {}", r["size_multiple"].get<std::int64_t>()));
  line("homogeneous",
       fmt::format("{}; |D(3y) - 3D(y)| / |3D(y)| = {:.1e} at a random image",
                   r["homogeneous"].get<bool>() ? "yes, by construction" : "not by construction",
                   r["homogeneity_defect"].get<double>()));
  if (r.contains("receptive_field")) line("receptive field", ReceptiveFieldText(r));
  if (r.contains("trained_sigmas"))
    line("trained on",
         fmt::format("sigma {:.4g} to {:.4g}",
                     r["trained_sigmas"][0].get<double>(),
                     r["trained_sigmas"][1].get<double>()));
  if (!r.contains("layers")) return;
  fmt::print("\n");
  for (const Json& layer : r["layers"]) fmt::print("{}\n", layer.get<std::string>());
}

}  // namespace denoscope
