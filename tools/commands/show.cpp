// denoscope show: one cell of a run on the terminal.
#include <memory>

#include "denoscope/arrays/npy.h"
#include "denoscope/report/sweep/cell_text.h"
#include "tools/commands/commands.h"

namespace denoscope {

void AddShowCommand(Command program, SharedFlags& flags) {
  Command command =
      program.AddCommand("show", "one cell of a run: its scalars and a small spectrum");
  auto file = std::make_shared<std::string>();
  command.Add("cell", *file, "file cells/*.npz of a run").Required();
  command.Add("--json", flags.json, "one JSON document on stdout instead of text");
  command.OnRun([file, &flags] {
    const Cell cell = CellFromNpz(ReadNpz(*file), *file);
    fmt::print("{}", flags.json ? CellJson(cell).dump(2) + "\n" : CellText(cell));
  });
}

}  // namespace denoscope
