#include "denoscope/data/data_spec.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr std::string_view kReversed = ":reversed";

std::vector<std::string> SplitAt(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
  }
  return parts;
}

bool EndsWith(const std::string& text, std::string_view ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

void ParseOptions(const std::string& text, DataSpec& spec) {
  for (const std::string& option : SplitAt(text, ',')) {
    const std::size_t equals = option.find('=');
    const std::string name = option.substr(0, equals);
    if (name.empty())
      throw Error(
          "data set '{}': expected options NAME=VALUE or NAME, found '{}'", spec.text, option);
    const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
    if (equals != std::string::npos && value.empty())
      throw Error("data set '{}': option '{}': expected a value, found none", spec.text, name);
    if (!spec.options.emplace(name, value).second)
      throw Error("data set '{}': option '{}': expected once, found twice", spec.text, name);
  }
}

}  // namespace

DataSpec ParseDataSpec(const std::string& text) {
  DataSpec spec;
  spec.text = text;
  spec.source = text;
  std::error_code ignored;
  const auto exists = [&] { return std::filesystem::exists(spec.source, ignored); };
  if (EndsWith(text, kReversed) && !exists()) {
    spec.reversed = true;
    spec.source.resize(text.size() - kReversed.size());
  }
  const std::size_t colon = spec.source.rfind(':');
  if (colon != std::string::npos && !exists()) {
    ParseOptions(spec.source.substr(colon + 1), spec);
    spec.source.resize(colon);
  }
  if (spec.source.empty())
    throw Error("data set '{}': expected a name or a path, found none", text);
  return spec;
}

const std::string* SpecOptions::Find(const std::string& name) {
  known_.push_back(name);
  const auto found = spec_.options.find(name);
  return found == spec_.options.end() ? nullptr : &found->second;
}

void SpecOptions::Record(const std::string& name, const std::string& value) {
  canonical_ += (canonical_.empty() ? "" : ",") + name + (value.empty() ? "" : "=" + value);
}

double SpecOptions::Parse(const std::string& name,
                          const std::string& text,
                          double least,
                          double most) const {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !(value >= least && value <= most))
    Refuse(name, fmt::format("expected a number from {} to {}, found '{}'", least, most, text));
  return value;
}

std::int64_t SpecOptions::Integer(const std::string& name,
                                  std::int64_t otherwise,
                                  std::int64_t least,
                                  std::int64_t most) {
  std::int64_t value = otherwise;
  if (const std::string* text = Find(name)) {
    const char* end = text->data() + text->size();
    const auto result = std::from_chars(text->data(), end, value);
    if (result.ec != std::errc() || result.ptr != end || value < least || value > most)
      Refuse(name,
             fmt::format("expected an integer from {} to {}, found '{}'", least, most, *text));
  }
  Record(name, std::to_string(value));
  return value;
}

double SpecOptions::Number(const std::string& name, double otherwise, double least, double most) {
  const std::string* text = Find(name);
  const double value = text ? Parse(name, *text, least, most) : otherwise;
  Record(name, fmt::format("{}", value));
  return value;
}

std::vector<double> SpecOptions::Numbers(const std::string& name,
                                         const std::vector<double>& otherwise,
                                         double least,
                                         double most) {
  std::vector<double> values = otherwise;
  if (const std::string* text = Find(name)) {
    values.clear();
    for (const std::string& part : SplitAt(*text, '+'))
      values.push_back(Parse(name, part, least, most));
  }
  Record(name, fmt::format("{}", fmt::join(values, "+")));
  return values;
}

bool SpecOptions::Flag(const std::string& name) {
  const std::string* text = Find(name);
  if (text && !text->empty()) Refuse(name, fmt::format("expected no value, found '{}'", *text));
  if (text) Record(name, "");
  return text != nullptr;
}

void SpecOptions::Refuse(const std::string& name, const std::string& why) const {
  throw Error("data set '{}': option '{}': {}", spec_.text, name, why);
}

void SpecOptions::Finish() const {
  for (const auto& [name, value] : spec_.options)
    if (std::find(known_.begin(), known_.end(), name) == known_.end())
      Refuse(name,
             fmt::format("unknown, '{}' takes {}",
                         spec_.source,
                         known_.empty() ? "none" : fmt::format("{}", fmt::join(known_, ", "))));
}

}  // namespace denoscope
