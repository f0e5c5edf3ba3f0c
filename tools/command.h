// What the commands of the program share: flags, progress, the ways to name models and lists.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "denoscope/base/progress.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct SharedFlags {
  int threads = 0;  // 0: as many as the processors this process may use
  std::uint64_t seed = 0;
  bool quiet = false;
  bool json = false;
  bool force = false;
  double figure_millimetres = 0;  // 0: as wide as on a screen
  std::string command_line;
};

// Adds --threads, --seed, --quiet and --json to a command.
void AddSharedFlags(CLI::App& command, SharedFlags& flags);
void AddForceFlag(CLI::App& command, SharedFlags& flags);

// Progress on stderr: one line, rewritten, on a terminal; elsewhere a plain line every 10 seconds;
// nothing with --quiet.
ProgressSink ProgressLine(const SharedFlags& flags);

// A run in the folder `out`, as the shared flags say.
RunTarget TargetOf(const std::filesystem::path& out, const SharedFlags& flags);

// One line on stderr, also with --quiet; nothing for an empty text.
void Warn(const std::string& text);

// What every run records beside its identity: command, revision, threads, libraries.
Json RecordOfProgram(const SharedFlags& flags);

// A run that goes on keeps the number of threads that it began with: results depend on it.
void ReuseThreads(const std::filesystem::path& out, const SharedFlags& flags);

// Figures, findings and page of a finished run, and where they are to stdout.
void Present(const RunFolder& run, const SharedFlags& flags);

// Each adds one command to the program; the command's callback does the work and throws on failure.
void AddTrainCommand(CLI::App& program, SharedFlags& flags);
void AddEvaluateCommand(CLI::App& program, SharedFlags& flags);
void AddAnalyzeCommand(CLI::App& program, SharedFlags& flags);
void AddSampleCommand(CLI::App& program, SharedFlags& flags);
void AddJacobianCommand(CLI::App& program, SharedFlags& flags);
void AddDataCommand(CLI::App& program, SharedFlags& flags);
void AddPosteriorCommand(CLI::App& program, SharedFlags& flags);
void AddReportCommand(CLI::App& program, SharedFlags& flags);
void AddMergeCommand(CLI::App& program, SharedFlags& flags);
void AddCompareCommand(CLI::App& program, SharedFlags& flags);
void AddShowCommand(CLI::App& program, SharedFlags& flags);
void AddInspectCommand(CLI::App& program, SharedFlags& flags);
void AddConvertCommand(CLI::App& program, SharedFlags& flags);
void AddLinearCommand(CLI::App& program, SharedFlags& flags);
void AddBenchCommand(CLI::App& program, SharedFlags& flags);

}  // namespace denoscope
