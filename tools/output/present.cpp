#include "tools/output/present.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include "denoscope/ranks/ranks.h"
#include "denoscope/report/page/page.h"
#include "denoscope/report/run_kinds.h"
#include "tools/output/console.h"
#include "tools/output/version.h"

namespace denoscope {

RunTarget TargetOf(const std::filesystem::path& out, const SharedFlags& flags) {
  return {out, flags.force, ProgressLine(flags)};
}

Json RecordOfProgram(const SharedFlags& flags) {
  Json libraries;
  for (const auto& [name, version] : LibraryVersions()) libraries[name] = version;
  return {{"command", flags.command_line},
          {"revision", Revision()},
          {"threads", at::get_num_threads()},
          {"libraries", libraries}};
}

void ReuseThreads(const std::filesystem::path& out, const SharedFlags& flags) {
  if (flags.threads > 0 || flags.force || !std::filesystem::exists(out / "run.json")) return;
  const Json manifest = ReadJson(out / "run.json");
  if (manifest.contains("threads")) at::set_num_threads(manifest["threads"].get<int>());
}

void Present(const RunFolder& run, const SharedFlags& flags) {
  if (!Ranks::OfThisJob().IsFirst()) return;
  const std::vector<Figure> figures = MakeFigures(run, flags.figure_millimetres);
  const std::string findings = Findings(run);
  const std::string page = WritePage({run.Path(), figures, findings, {}}).string();
  if (flags.json) {
    Json json = {{"run", run.Path().string()},
                 {"findings", findings},
                 {"page", page},
                 {"figures", Json::array()}};
    for (const Figure& figure : figures)
      json["figures"].push_back({{"path", figure.path.string()}, {"caption", figure.caption}});
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("{}\n", findings);
  for (const Figure& figure : figures)
    fmt::print("{}\n    {}\n", figure.path.string(), figure.caption);
  fmt::print("{}\n    All of this to look into, in a browser.\n", page);
}

}  // namespace denoscope
