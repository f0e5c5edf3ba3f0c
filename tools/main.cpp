// denoscope: the program. One file a command; this one holds flags, signals and exit codes.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <opencv2/core/utility.hpp>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "tools/command.h"
#include "tools/version.h"

namespace {

constexpr int kFailed = 1, kBadUsage = 2, kInterrupted = 130;

// The first signal asks; a second one of the same kind ends the process at once.
void OnSignal(int signal) {
  denoscope::RequestCancel();
  std::signal(signal, SIG_DFL);
}

int Say(int code, const char* message) {
  fmt::print(stderr, "denoscope: {}\n", message);
  return code;
}

void ApplyThreads(int threads) {
  if (threads < 0) throw denoscope::UsageError("--threads: expected 0 or more, found {}", threads);
  at::set_num_threads(threads > 0 ? threads : denoscope::AvailableThreads());
  cv::setNumThreads(1);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace denoscope;
  KeepFreedMemory();
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write

  CLI::App program(
      "A microscope for image denoisers: Jacobians, their spectra, and what they show.");
  program.set_version_flag("--version", VersionText());
  program.require_subcommand(1);
  SharedFlags flags;
  for (int i = 0; i < argc; ++i)
    flags.command_line += (i ? " " : "") + std::string(i ? argv[i] : "denoscope");
  program.parse_complete_callback([&] { ApplyThreads(flags.threads); });
  AddAnalyzeCommand(program, flags);
  AddSampleCommand(program, flags);
  AddPosteriorCommand(program, flags);
  AddReportCommand(program, flags);
  AddMergeCommand(program, flags);
  AddCompareCommand(program, flags);
  AddShowCommand(program, flags);
  AddJacobianCommand(program, flags);
  AddTrainCommand(program, flags);
  AddEvaluateCommand(program, flags);
  AddInspectCommand(program, flags);
  AddConvertCommand(program, flags);
  AddLinearCommand(program, flags);
  AddDataCommand(program, flags);
  AddBenchCommand(program, flags);
  try {
    program.parse(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      return Say(kFailed, "stdout: cannot be written");
    return 0;
  } catch (const CLI::ParseError& e) {
    return program.exit(e) == 0 ? 0 : kBadUsage;
  } catch (const UsageError& e) {
    return Say(kBadUsage, e.what());
  } catch (const Interrupted& e) {
    return Say(kInterrupted, e.what());
  } catch (const std::exception& e) {
    return Say(kFailed, e.what());
  }
}
