// The names of an enum's values, as flags and files have them. Beside an enum stands its table,
//
//   template <>
//   struct EnumNames<Sampler> {
//     static constexpr const char* kWhat = "sampler";  // of messages
//     static constexpr EnumName<Sampler> kNames[] = {{Sampler::kEuler, "euler"}, ..};
//   };
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <vector>

#include "denoscope/base/error.h"

namespace denoscope {

template <typename E>
struct EnumName {
  E value;
  const char* name;
};
template <typename E>
struct EnumNames;

template <typename E>
std::string NameOf(E value) {
  for (const EnumName<E>& known : EnumNames<E>::kNames)
    if (known.value == value) return known.name;
  throw Error("{}: value is {}, expected 0 to {}",
              EnumNames<E>::kWhat,
              static_cast<int>(value),
              std::size(EnumNames<E>::kNames) - 1);
}

template <typename E>
std::vector<std::string> NamesOf() {
  std::vector<std::string> names;
  for (const EnumName<E>& known : EnumNames<E>::kNames) names.emplace_back(known.name);
  return names;
}

// Throws "sampler 'x': unknown, expected euler, heun or ancestral" for a name that is none.
template <typename E>
E FromName(const std::string& name) {
  for (const EnumName<E>& known : EnumNames<E>::kNames)
    if (known.name == name) return known.value;
  std::vector<std::string> names = NamesOf<E>();
  const std::string last = names.back();
  names.pop_back();
  throw Error("{} '{}': unknown, expected {} or {}",
              EnumNames<E>::kWhat,
              name,
              fmt::join(names, ", "),
              last);
}

}  // namespace denoscope
