#include "denoscope/files/cache_folder.h"

#include <cstdlib>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

std::filesystem::path AbsolutePathIn(const char* variable) {
  const char* value = std::getenv(variable);
  const std::filesystem::path path = value ? value : "";
  return path.is_absolute() ? path : "";
}

}  // namespace

std::filesystem::path CacheFolder() {
  const std::filesystem::path cache = AbsolutePathIn("XDG_CACHE_HOME");
  if (!cache.empty()) return cache / "denoscope";
  const std::filesystem::path home = AbsolutePathIn("HOME");
  if (home.empty())
    throw Error("cache: expected an absolute path in XDG_CACHE_HOME or HOME, found none");
  return home / ".cache" / "denoscope";
}

}  // namespace denoscope
