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
// Every member is visited: visit.Within(spectrum) takes a struct's options into this list, and
// visit.Apart("threads", threads) says of a member that it is no option of a record.
// Enums are written by name (enum_names.h); a struct that has such a list, as an object.
#pragma once

#include <filesystem>
#include <string>
#include <type_traits>

#include "denoscope/base/enum_names.h"
#include "denoscope/files/json.h"

namespace denoscope {

// What EachOption is called with: use(name, value) of every option, but not of what is apart.
template <typename Use>
struct OptionVisit {
  Use use;

  template <typename Value>
  void operator()(const char* name, Value& value) const {
    use(name, value);
  }
  template <typename Options>
  void Within(Options& options) const {
    EachOption(options, *this);
  }
  template <typename Value>
  void Apart(const char*, Value&) const {}
};
template <typename Use>
OptionVisit(Use) -> OptionVisit<Use>;

// Throws where two options have one name: those of a struct that is taken apart into another's list
// may meet with that one's own.
template <typename Options>
Json OptionsToJson(Options options) {
  Json json = Json::object();
  const auto write = [&](const char* name, const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if (json.contains(name))
      throw Error("options: expected one of each name, found two '{}'", name);
    if constexpr (std::is_enum_v<Value>)
      json[name] = NameOf(value);
    else if constexpr (std::is_constructible_v<Json, Value>)
      json[name] = value;
    else
      json[name] = OptionsToJson(value);
  };
  EachOption(options, OptionVisit{write});
  return json;
}

template <typename Enum>
Enum EnumField(const Json& json, const char* name, const std::filesystem::path& source) {
  const auto value = JsonField<std::string>(json, name, source);
  try {
    return FromName<Enum>(value);
  } catch (const Error& e) {
    throw Error("json '{}': field '{}': {}", source.string(), name, e.what());
  }
}

// Throws, naming `source` and the option, where one is missing, of another type or of a name that
// its enum lacks.
template <typename Options>
Options OptionsFromJson(const Json& json, const std::filesystem::path& source) {
  Options options;
  const auto read = [&](const char* name, auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_enum_v<Value>)
      value = EnumField<Value>(json, name, source);
    else if constexpr (std::is_constructible_v<Json, Value>)
      value = JsonField<Value>(json, name, source);
    else
      value = OptionsFromJson<Value>(JsonField<Json>(json, name, source), source);
  };
  EachOption(options, OptionVisit{read});
  return options;
}

}  // namespace denoscope
