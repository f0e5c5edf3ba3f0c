// JSON files with keys in the order in which they were set; errors name the file.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "denoscope/base/error.h"

namespace denoscope {

using Json = nlohmann::ordered_json;

Json ReadJson(const std::filesystem::path& path);
void WriteJson(const std::filesystem::path& path, const Json& json);  // indented, final newline

// The value of `key`, or an Error that names the file, the key and what it holds instead.
template <typename T>
T JsonField(const Json& json, const std::string& key, const std::filesystem::path& path) {
  try {
    return json.at(key).get<T>();
  } catch (const nlohmann::json::exception& e) {
    throw Error("json '{}': field '{}': {}", path.string(), key, e.what());
  }
}

}  // namespace denoscope
