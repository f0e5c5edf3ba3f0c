// Options as data: a struct of options, its JSON and back. Beside the struct stands one list of its
// members, by a structured binding, which no longer compiles when a member is added:
//
//   template <typename Visit>
//   void EachOption(SpectrumOptions& o, const Visit& visit) {
//     auto& [vectors, complex_eigenvalues] = o;
//     visit("vectors", vectors);
//     visit("complex_eigenvalues", complex_eigenvalues);
//   }
//
// Enums are written by name (enum_names.h); a struct that has such a list, as an object.
#pragma once

#include <filesystem>
#include <string>
#include <type_traits>

#include "denoscope/base/enum_names.h"
#include "denoscope/files/json.h"

namespace denoscope {

template <typename Options>
Json OptionsToJson(Options options) {
  Json json = Json::object();
  EachOption(options, [&](const char* name, const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_enum_v<Value>)
      json[name] = NameOf(value);
    else if constexpr (std::is_constructible_v<Json, Value>)
      json[name] = value;
    else
      json[name] = OptionsToJson(value);
  });
  return json;
}

// Throws, naming `source` and the option, where one is missing or of another type.
template <typename Options>
Options OptionsFromJson(const Json& json, const std::filesystem::path& source) {
  Options options;
  EachOption(options, [&](const char* name, auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_enum_v<Value>)
      value = FromName<Value>(JsonField<std::string>(json, name, source));
    else if constexpr (std::is_constructible_v<Json, Value>)
      value = JsonField<Value>(json, name, source);
    else
      value = OptionsFromJson<Value>(JsonField<Json>(json, name, source), source);
  });
  return options;
}

}  // namespace denoscope
