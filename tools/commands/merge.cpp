// denoscope merge: the shards of a run put together.
#include <memory>

#include "denoscope/studies/sweep/sweep_results.h"
#include "tools/commands/commands.h"
#include "tools/output/present.h"

namespace denoscope {

void AddMergeCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand("merge", "put the shards of a run together");
  auto runs = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>();
  command.Add("runs", *runs, "run folders of the shards").Required();
  command.Add("--out", *out, "run folder to write").Required();
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([runs, out, &flags] {
    RunFolder run = MergeRuns({runs->begin(), runs->end()}, TargetOf(*out, flags));
    FinishRun(run);
    Present(run, flags);
  });
}

}  // namespace denoscope
