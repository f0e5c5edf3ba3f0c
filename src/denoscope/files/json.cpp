#include "denoscope/files/json.h"

#include "denoscope/files/atomic_file.h"

namespace denoscope {
namespace {

// nlohmann's text without its own "[json.exception.parse_error.101] ".
std::string Message(const nlohmann::json::exception& e) {
  const std::string text = e.what();
  const std::size_t end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

}  // namespace

Json ReadJson(const std::filesystem::path& path) {
  const std::string text = ReadFile(path);
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::parse_error& e) {
    throw Error("json '{}': byte {} of {}: {}", path.string(), e.byte, text.size(), Message(e));
  } catch (const nlohmann::json::exception& e) {
    throw Error("json '{}': {}", path.string(), Message(e));
  }
}

void WriteJson(const std::filesystem::path& path, const Json& json) {
  std::string text;
  try {
    text = json.dump(2);
  } catch (const nlohmann::json::exception& e) {
    throw Error("json '{}': cannot write: {}", path.string(), Message(e));
  }
  WriteFile(path, text + '\n');
}

}  // namespace denoscope
