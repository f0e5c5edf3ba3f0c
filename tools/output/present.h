// What a run records of the program, and what the program says of a finished run.
#pragma once

#include <filesystem>

#include "denoscope/results/run_folder.h"
#include "tools/arguments/shared_flags.h"

namespace denoscope {

// A run in the folder `out`, as the shared flags say.
RunTarget TargetOf(const std::filesystem::path& out, const SharedFlags& flags);

// What every run records beside its identity: command, revision, threads, libraries.
Json RecordOfProgram(const SharedFlags& flags);

// A run that goes on keeps the number of threads that it began with: results depend on it.
void ReuseThreads(const std::filesystem::path& out, const SharedFlags& flags);

// Figures, findings and page of a finished run, and where they are to stdout.
void Present(const RunFolder& run, const SharedFlags& flags);

}  // namespace denoscope
