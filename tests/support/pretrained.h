// Published weights with goldens, which lie outside the project: a test that needs them skips where
// they are absent. DENOSCOPE_PRETRAINED names the folder; else ../shared/pretrained is looked for.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace denoscope {

inline std::filesystem::path PretrainedPath(const std::string& name) {
  const char* root = std::getenv("DENOSCOPE_PRETRAINED");
  const auto folder =
      root ? std::filesystem::path(root)
           : std::filesystem::path(DENOSCOPE_SOURCE_DIR) / ".." / "shared" / "pretrained";
  return folder / name;
}

// Weights of Open Image Denoise, in the folder that DENOSCOPE_OIDN names (tools/fetch_oidn).
inline std::string OidnPath(const std::string& name) {
  const char* folder = std::getenv("DENOSCOPE_OIDN");
  return folder ? (std::filesystem::path(folder) / name).string() : "";
}

}  // namespace denoscope

#define DENOSCOPE_NEEDS_PRETRAINED(name)                                      \
  if (!std::filesystem::exists(denoscope::PretrainedPath(name)))              \
  GTEST_SKIP() << "no '" << denoscope::PretrainedPath(name).string() << "'; " \
               << "set DENOSCOPE_PRETRAINED to the folder of published models"

#define DENOSCOPE_NEEDS_OIDN(name)                                                           \
  if (!std::filesystem::exists(denoscope::OidnPath(name)))                                   \
  GTEST_SKIP() << "no '" << (name) << "' of Open Image Denoise; set DENOSCOPE_OIDN to what " \
               << "tools/fetch_oidn fetched"
