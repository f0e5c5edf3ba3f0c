// denoscope show: one cell of a run on the terminal.
#include "denoscope/arrays/npy.h"
#include "denoscope/report/sweep/cell_text.h"
#include "tools/commands/commands.h"

namespace denoscope {

void AddShowCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command =
      program.add_subcommand("show", "one cell of a run: its scalars and a small spectrum");
  auto file = std::make_shared<std::string>();
  command->add_option("cell", *file, "file cells/*.npz of a run")->required();
  command->add_flag("--json", flags.json, "one JSON document on stdout instead of text");
  command->callback([file, &flags] {
    const Cell cell = CellFromNpz(ReadNpz(*file), *file);
    fmt::print("{}", flags.json ? CellJson(cell).dump(2) + "\n" : CellText(cell));
  });
}

}  // namespace denoscope
