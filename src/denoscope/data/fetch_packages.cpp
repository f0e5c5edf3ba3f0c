#include "denoscope/data/fetch_packages.h"

#include <fmt/ranges.h>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/run_program.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

void Run(const std::vector<std::string>& command, const fs::path& folder) {
  const ProgramOutcome outcome = RunProgram(command, folder);
  StopIfCancelled("fetching packages");
  if (!outcome.started)
    throw Error("{}: not installed, expected a system of Debian's kind", command[0]);
  if (outcome.status != 0)
    throw Error("{}: failed: {}", fmt::format("{}", fmt::join(command, " ")), outcome.output);
}

// The one archive in the folder.
fs::path ArchiveIn(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".deb") return entry.path();
  throw Error("folder '{}': expected the package that apt-get downloaded, found none",
              folder.string());
}

void Fetch(const std::string& package, const fs::path& folder) {
  const fs::path work = folder / (package + ".partial");
  fs::remove_all(work);
  fs::create_directories(work / "files");
  Run({"apt-get", "download", "-qq", package}, work);
  Run({"dpkg-deb", "-x", ArchiveIn(work).string(), (work / "files").string()}, work);
  fs::rename(work / "files", folder / package);
  fs::remove_all(work);
}

}  // namespace

void FetchPackages(const std::vector<std::string>& packages,
                   const fs::path& folder,
                   const ProgressSink& progress) {
  const auto total = static_cast<std::int64_t>(packages.size());
  std::int64_t done = 0;
  for (const std::string& package : packages) {
    progress({"fetching packages", done++, total, 0, "packages", package});
    if (!fs::exists(folder / package)) Fetch(package, folder);
  }
  progress({"fetching packages", total, total, 0, "packages", ""});
}

}  // namespace denoscope
