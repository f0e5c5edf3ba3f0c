// denoscope: the program. One file a command; this one holds flags, signals and exit codes.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <opencv2/core/utility.hpp>
#include <set>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/ranks/ranks.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"
#include "tools/output/version.h"

namespace {

using namespace denoscope;

constexpr int kFailed = 1, kBadUsage = 2, kInterrupted = 130;

// The first signal asks; a second one of the same kind ends the process at once.
void OnSignal(int signal) {
  RequestCancel();
  std::signal(signal, SIG_DFL);
}

// Of what goes wrong on every rank the first one speaks; of what goes wrong on one, that one.
int Say(int code, const std::string& message) {
  Ranks& ranks = Ranks::OfThisJob();
  std::string text = message;
  bool ours = true;
  if (code == kInterrupted) {
    ours = ranks.IsFirst();
  } else if (ranks.Count() > 1 && !ranks.Agreed()) {
    try {
      ranks.Check(message);
    } catch (const JointError& joint) {
      text = joint.what();
      ours = ranks.IsFirst();
    }
    ranks.Disband();
  } else if (ranks.Count() > 1) {
    text = fmt::format("{}: {}", ranks.Name(), message);
  }
  if (ours) fmt::print(stderr, "denoscope: {}\n", text);
  return code;
}

// Help, version, and what the parser of flags complains about.
int SayParsed(const CLI::App& program, const CLI::ParseError& e) {
  if (e.get_exit_code() != 0 && Ranks::OfThisJob().Count() > 1) return Say(kBadUsage, e.what());
  const bool good = !Ranks::OfThisJob().IsFirst() || program.exit(e) == 0;
  Ranks::OfThisJob().Disband();
  return good ? 0 : kBadUsage;
}

// Which commands several ranks may run together.
void CheckRanks(const CLI::App& program) {
  static const std::set<std::string> shared = {
      "analyze", "sample", "posterior", "linear", "train", "jacobian", "bench"};
  const CLI::App* command = program.get_subcommands().front();
  const bool is_shared = shared.count(command->get_name()) > 0;
  const Ranks& ranks = Ranks::OfThisJob();
  if (ranks.Count() > 1 && !is_shared)
    throw UsageError("{}: is work for one process, found {} ranks; {} take several",
                     command->get_name(),
                     ranks.Count(),
                     fmt::join(shared, ", "));
  if (is_shared) Warn(UnusedTasks());
}

int SayTogether(int code, const Error& error) {
  if (Ranks::OfThisJob().IsFirst()) fmt::print(stderr, "denoscope: {}\n", error.what());
  Ranks::OfThisJob().Disband();
  return code;
}

int Run(CLI::App& program, int argc, char** argv) {
  Ranks::Join();
  program.parse(argc, argv);
  if (std::fflush(stdout) != 0 || std::ferror(stdout))
    return Say(kFailed, "stdout: cannot be written");
  Ranks::OfThisJob().Disband();
  return 0;
}

void ApplyThreads(int threads) {
  if (threads < 0) throw UsageError("--threads: expected 0 or more, found {}", threads);
  at::set_num_threads(threads > 0 ? threads : AvailableThreads());
  cv::setNumThreads(1);
}

}  // namespace

int main(int argc, char** argv) {
  KeepFreedMemory();
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write

  CLI::App program(
      "A microscope for image denoisers: Jacobians, their spectra, and what they show.");
  program.set_version_flag("--version", VersionText());
  SharedFlags flags;
  for (int i = 0; i < argc; ++i)
    flags.command_line += (i ? " " : "") + std::string(i ? argv[i] : "denoscope");
  program.parse_complete_callback([&] {
    CheckRanks(program);
    ApplyThreads(flags.threads);
  });
  Command commands(program);
  AddAnalyzeCommand(commands, flags);
  AddSampleCommand(commands, flags);
  AddPosteriorCommand(commands, flags);
  AddReportCommand(commands, flags);
  AddMergeCommand(commands, flags);
  AddCompareCommand(commands, flags);
  AddShowCommand(commands, flags);
  AddJacobianCommand(commands, flags);
  AddTrainCommand(commands, flags);
  AddEvaluateCommand(commands, flags);
  AddInspectCommand(commands, flags);
  AddConvertCommand(commands, flags);
  AddLinearCommand(commands, flags);
  AddDataCommand(commands, flags);
  AddBenchCommand(commands, flags);
  try {
    return Run(program, argc, argv);
  } catch (const CLI::ParseError& e) {
    return SayParsed(program, e);
  } catch (const UsageError& e) {
    return Say(kBadUsage, e.what());
  } catch (const JointInterrupted& e) {
    return SayTogether(kInterrupted, e);
  } catch (const Interrupted& e) {
    return Say(kInterrupted, e.what());
  } catch (const JointError& e) {
    return SayTogether(kFailed, e);
  } catch (const std::exception& e) {
    return Say(kFailed, e.what());
  }
}
