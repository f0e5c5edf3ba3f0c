#include "tools/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

using Clock = std::chrono::steady_clock;

std::string DurationText(double seconds) {
  const auto s = static_cast<std::int64_t>(seconds + 0.5);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{}:{:02} min", s / 60, s % 60);
  return fmt::format("{}:{:02} h", s / 3600, s / 60 % 60);
}

class ProgressPrinter {
 public:
  void operator()(const Progress& p) {
    const auto now = Clock::now();
    const bool first = p.task != task_;
    if (first) {
      task_ = p.task;
      start_ = now;
      printed_ = {};
    }
    const bool last = p.done >= p.total;
    const double pause = terminal_ ? 0.2 : 10;
    if (!last && printed_ != Clock::time_point{} && Since(printed_, now) < pause) return;
    printed_ = now;
    const double seconds = Since(start_, now);
    const double rate = static_cast<double>(p.done - p.done_before) / std::max(seconds, 1e-9);
    std::string line = fmt::format("{}: {} of {} {}", p.task, p.done, p.total, p.unit);
    if (!first && rate > 0)
      line += fmt::format(
          ", {:.3g}/s, {} left", rate, DurationText(static_cast<double>(p.total - p.done) / rate));
    if (!p.note.empty()) line += ", " + p.note;
    if (terminal_)
      fmt::print(stderr, "\r\x1b[K{:.160}{}", line, last ? "\n" : "");
    else
      fmt::print(stderr, "{}\n", line);
    std::fflush(stderr);
  }

 private:
  static double Since(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  bool terminal_ = isatty(STDERR_FILENO) != 0;
  std::string task_;
  Clock::time_point start_, printed_;
};

}  // namespace

void Warn(const std::string& text) {
  if (!text.empty() && Ranks::OfThisJob().IsFirst())
    fmt::print(stderr, "denoscope: warning: {}\n", text);
}

void AddSharedFlags(CLI::App& command, SharedFlags& flags) {
  command.add_option("--threads", flags.threads, "threads; 0: all processors of this process")
      ->capture_default_str();
  command.add_option("--seed", flags.seed, "seed of every random stream")->capture_default_str();
  command.add_flag("--quiet", flags.quiet, "no progress on stderr");
  command.add_flag("--json", flags.json, "one JSON document on stdout instead of text");
}

void AddForceFlag(CLI::App& command, SharedFlags& flags) {
  command.add_flag(
      "--force", flags.force, "delete what an earlier run left at --out and start again");
}

RunTarget TargetOf(const std::filesystem::path& out, const SharedFlags& flags) {
  return {out, flags.force, ProgressLine(flags)};
}

ProgressSink ProgressLine(const SharedFlags& flags) {
  if (flags.quiet || !Ranks::OfThisJob().IsFirst()) return [](const Progress&) {};
  auto printer = std::make_shared<ProgressPrinter>();
  return [printer](const Progress& p) { (*printer)(p); };
}

}  // namespace denoscope
