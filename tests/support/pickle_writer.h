// Composes pickles from pieces of text, one function an expression or opcode, so that tests can
// write what no pickler would: Pickled(List({Int(1), Str("a")})).
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace denoscope::pickling {

inline std::string Little(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i, value >>= 8) bytes += static_cast<char>(value & 0xff);
  return bytes;
}

inline std::string Joined(const std::vector<std::string>& pieces) {
  std::string all;
  for (const std::string& piece : pieces) all += piece;
  return all;
}

inline std::string Repeated(const std::string& piece, std::size_t times) {
  std::string all;
  all.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += piece;
  return all;
}

inline std::string Pickled(const std::string& body, int protocol = 2) {
  return std::string("\x80") + static_cast<char>(protocol) + body + ".";
}

inline const std::string kNone = "N", kTrue = "\x88", kFalse = "\x89", kMark = "(", kDup = "2";
inline const std::string kReduce = "R", kNewObj = "\x81", kBuild = "b", kStackGlobal = "\x93";
inline const std::string kMemoize = "\x94", kEmptyTuple = ")", kEmptyList = "]", kEmptyDict = "}";

inline std::string Int(std::int64_t value) {
  if (value >= 0 && value < 256) return "K" + Little(static_cast<std::uint64_t>(value), 1);
  return "\x8a" + Little(8, 1) + Little(static_cast<std::uint64_t>(value), 8);
}

inline std::string Float(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  const std::string little = Little(bits, sizeof(bits));
  return "G" + std::string(little.rbegin(), little.rend());
}

inline std::string Str(const std::string& text) { return "X" + Little(text.size(), 4) + text; }

inline std::string Tuple(const std::vector<std::string>& items) {
  return items.empty() ? kEmptyTuple : "(" + Joined(items) + "t";
}

inline std::string Ints(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (const std::int64_t value : values) items.push_back(Int(value));
  return Tuple(items);
}

inline std::string List(const std::vector<std::string>& items) {
  return kEmptyList + "(" + Joined(items) + "e";
}

using Entries = std::vector<std::pair<std::string, std::string>>;  // name, expression of the value

inline std::string SetItems(const Entries& entries) {
  std::string body = "(";
  for (const auto& [name, value] : entries) body += Str(name) + value;
  return body + "u";
}
inline std::string Dict(const Entries& entries) { return kEmptyDict + SetItems(entries); }

inline std::string Global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string Call(const std::string& function, const std::vector<std::string>& arguments) {
  return function + Tuple(arguments) + kReduce;
}
inline std::string Object(const std::string& type, const std::string& state) {
  return type + kEmptyTuple + kNewObj + state + kBuild;
}
inline std::string OrderedDict(const Entries& entries) {
  return Call(Global("collections", "OrderedDict"), {}) + SetItems(entries);
}
inline std::string Persistent(const std::vector<std::string>& id) { return Tuple(id) + "Q"; }

// A pickled torch.nn.Module.
inline std::string Module(const std::string& name,
                          const Entries& parameters,
                          const Entries& buffers,
                          const Entries& modules,
                          const Entries& more = {}) {
  Entries attributes = {{"training", kTrue},
                        {"_parameters", OrderedDict(parameters)},
                        {"_buffers", OrderedDict(buffers)},
                        {"_modules", OrderedDict(modules)}};
  attributes.insert(attributes.end(), more.begin(), more.end());
  return Object(Global("models", name), Dict(attributes));
}

}  // namespace denoscope::pickling
