#include "tools/output/version.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <Eigen/Core>
#include <opencv2/core/version.hpp>

#include "denoscope/base/process.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

// Asked of the library in memory, not of the one we were built with: another BLAS may be loaded.
std::string BlasName() {
  using Config = char* (*)();
  const auto config = reinterpret_cast<Config>(dlsym(RTLD_DEFAULT, "openblas_get_config"));
  return config ? config() : "not OpenBLAS (thread count may not be obeyed)";
}

}  // namespace

std::string Revision() { return DENOSCOPE_REVISION; }

std::vector<std::pair<std::string, std::string>> LibraryVersions() {
  return {
      {"denoscope", DENOSCOPE_VERSION},
      {"libtorch", TORCH_VERSION},
      {"opencv", CV_VERSION},
      {"eigen",
       fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
      {"fmt",
       fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
      {"blas", BlasName()},
      {"mpi", MpiLibrary()}};
}

std::string VersionText() {
  std::string text = fmt::format("denoscope {} (revision {})", DENOSCOPE_VERSION, Revision());
  for (const auto& [name, version] : LibraryVersions())
    if (name != "denoscope") text += fmt::format("\n  {:9} {}", name, version);
  return text + fmt::format("\n  threads   {} available", AvailableThreads());
}

}  // namespace denoscope
