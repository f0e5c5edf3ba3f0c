// Another program, run to its end.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace denoscope {

struct ProgramOutcome {
  bool started = false;  // false: there is no such program
  int status = 0;        // of waitpid; 0: success
  std::string output;    // all that it wrote, to stdout and stderr
};

// command: the program, looked for in PATH, and its arguments, which no shell sees. It runs in
// `folder` without input. Throws when it is there but cannot be started.
ProgramOutcome RunProgram(std::vector<std::string> command, const std::filesystem::path& folder);

}  // namespace denoscope
