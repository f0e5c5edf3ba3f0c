// denoscope report: what comes after a finished run.
#include <memory>

#include "denoscope/report/page/page.h"
#include "denoscope/report/plots/canvas.h"
#include "tools/commands/commands.h"
#include "tools/output/present.h"

namespace denoscope {
namespace {

RunFolder CompleteRun(const std::filesystem::path& path) {
  RunFolder run = RunFolder::Open(path);
  if (run.Manifest()["status"] != "complete")
    throw Error("run '{}': is not complete but '{}'; finish it with the command in its run.json",
                path.string(),
                run.Manifest()["status"].get<std::string>());
  return run;
}

}  // namespace

void AddReportCommand(Command program, SharedFlags& flags) {
  Command command =
      program.AddCommand("report", "figures, findings and page (report.html) of a finished run");
  auto path = std::make_shared<std::string>();
  command.Add("run", *path, "run folder").Required();
  auto width = std::make_shared<std::string>();
  const Flag figure_width =
      command.Add("--figure-width",
                  *width,
                  "figures for a paper with a column of this width, such as 85mm or 3.3in; the "
                  "next report without it makes those for a screen again");
  AddSharedFlags(command, flags);
  command.OnRun([path, width, figure_width, &flags] {
    if (figure_width.WasGiven()) flags.figure_millimetres = FigureWidth(*width);
    try {
      Present(CompleteRun(*path), flags);
    } catch (const Error& e) {
      if (!std::filesystem::exists(std::filesystem::path(*path) / "run.json")) throw;
      throw Error("{}; what there is: {}", e.what(), WritePageOfParts(*path, e.what()).string());
    }
  });
}

}  // namespace denoscope
