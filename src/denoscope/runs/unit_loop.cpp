#include "denoscope/runs/unit_loop.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/csv.h"
#include "denoscope/files/json_lines.h"
#include "denoscope/files/shared_folder.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Milliseconds = std::chrono::milliseconds;

void Pause(Milliseconds time) { std::this_thread::sleep_for(time); }

// What rank 0 leaves for the others to see while it holds a claim of the same name.
fs::path MeetingFile(const fs::path& out, const std::string& name) {
  return out / "cells" / (name + ".tmp-0");
}

RunFolder JoinRun(const fs::path& out, const std::string& meeting) {
  const Ranks& ranks = Ranks::OfThisJob();
  if (!AwaitShared([&] { return fs::exists(MeetingFile(out, meeting)); }))
    throw Error("run '{}': is not shared between machines, '{}' does not see what rank 0 wrote",
                out.string(),
                ranks.Host());
  RunFolder run = RunFolder::Join(out);
  if (run.TheClaims().Try(meeting))
    throw Error(
        "run '{}': locks of its file system are not shared between machines, '{}' gets one that "
        "rank 0 holds; mount it with locks, or share the work out with --shard",
        out.string(),
        ranks.Host());
  return run;
}

// Between two looks at the units that others are at: all ranks together look at 100,000 files a
// second at most.
Milliseconds PauseFor(std::size_t units) {
  const auto looks = static_cast<std::int64_t>(units) * Ranks::OfThisJob().Count();
  return Milliseconds(std::min<std::int64_t>(20 + looks / 100, 5000));
}

class UnitWork {
 public:
  UnitWork(RunFolder& run, const UnitLoop& loop, const ProgressSink& progress)
      : run_(run), loop_(loop), progress_(progress) {
    const auto before = CountDone();
    state_ = {loop.words.task,
              before,
              static_cast<std::int64_t>(loop.names.size()),
              before,
              loop.words.noun,
              IdleNote()};
    progress_(state_);
  }

  void Run() {
    const Ranks& ranks = Ranks::OfThisJob();
    std::vector<std::size_t> left = OrderOfWork(loop_.names.size(), ranks.Rank(), ranks.Count());
    for (;;) {
      left.erase(std::remove_if(left.begin(), left.end(), [&](std::size_t i) { return IsDone(i); }),
                 left.end());
      if (left.empty()) break;
      waiting_ += SecondsOf([&] { Pause(PauseFor(left.size())); });
      StopIfCancelled(loop_.words.job.c_str());
      Show(CountDone());
    }
    Show(state_.total);
  }

  // Adds the seconds of this process to the run's; each unit belongs to one process.
  void WriteTiming() const {
    const fs::path path = run_.Path() / kTiming.file;
    const Claims::Claim claim = run_.TheClaims().Wait("timing");
    Table timing = kTiming.Empty();
    if (fs::exists(path)) timing.rows = ReadCsv(path).rows;
    for (auto& row : timing.rows) row.resize(timing.columns.size());
    const std::string rank = std::to_string(Ranks::OfThisJob().Rank());
    for (const auto& [unit, seconds] : seconds_)
      timing.rows.push_back({unit, fmt::format("{:.3f}", seconds), rank});
    if (waiting_ > 0) timing.rows.push_back({"waiting", fmt::format("{:.3f}", waiting_), rank});
    WriteCsv(path, timing);
  }

  const Progress& State() const { return state_; }

 private:
  // Here or elsewhere, now or before; false where another program is at it.
  bool IsDone(std::size_t i) {
    const std::string& name = loop_.names[i];
    const Claims::Claim claim = run_.ClaimCell(name);
    if (!claim) return run_.HasCell(name);
    StopIfCancelled(loop_.words.job.c_str());
    seconds_.emplace_back(name,
                          SecondsOf([&] { WriteNpz(run_.CellPath(name), loop_.compute(i)); }));
    state_.note = loop_.note(i);
    Show(run_.TheClaims().Alone() ? state_.done + 1 : CountDone());
    return true;
  }

  std::string IdleNote() const {
    const int ranks = Ranks::OfThisJob().Count();
    if (static_cast<std::size_t>(ranks) <= loop_.names.size()) return "";
    return fmt::format(
        "{} ranks for {} {}: some have nothing to do", ranks, loop_.names.size(), loop_.words.noun);
  }

  void Show(std::int64_t done) {
    if (done <= state_.done) return;
    state_.done = done;
    progress_(state_);
  }

  std::int64_t CountDone() const {
    const std::vector<std::string> all = run_.CellNames();
    const std::set<std::string> there(all.begin(), all.end());
    return std::count_if(loop_.names.begin(), loop_.names.end(), [&](const std::string& name) {
      return there.count(name) > 0;
    });
  }

  RunFolder& run_;
  const UnitLoop& loop_;
  const ProgressSink& progress_;
  Progress state_;
  std::vector<std::pair<std::string, double>> seconds_;
  double waiting_ = 0;
};

}  // namespace

RunFolder BeginRun(const RunTarget& target, Json manifest) {
  const fs::path& out = target.out;
  Ranks& ranks = Ranks::OfThisJob();
  manifest["ranks"] = ranks.Count();
  if (ranks.Count() == 1) return RunFolder::Begin(target, std::move(manifest));
  // Results depend on the number of threads, to rounding.
  ranks.Agree(JsonLines(manifest["identity"]) + fmt::format("threads={}\n", at::get_num_threads()));
  const std::string meeting =
      ranks.Gather(fmt::format("meeting-{}-{}", ranks.Host(), ::getpid()))[0];
  std::optional<RunFolder> run;
  Claims::Claim claim;
  std::string error;
  try {
    if (ranks.IsFirst()) {
      run = RunFolder::Begin(target, std::move(manifest));
      claim = run->TheClaims().Wait(meeting);
      WriteFile(MeetingFile(out, meeting), "");
    }
  } catch (const Error& e) {
    error = e.what();
  }
  error = ranks.Gather(error)[0];
  if (!error.empty()) throw JointError(error);
  try {
    if (!ranks.IsFirst()) run = JoinRun(out, meeting);
  } catch (const Error& e) {
    error = e.what();
  }
  ranks.Check(error);
  if (ranks.IsFirst()) fs::remove(MeetingFile(out, meeting));
  ranks.Disband();
  return *run;
}

std::vector<std::size_t> OrderOfWork(std::size_t units, int rank, int ranks) {
  const auto piece = [&](int r) { return PiecesOf(static_cast<std::int64_t>(units), r, ranks); };
  std::vector<std::size_t> order;
  const PieceRange own = piece(rank);
  for (std::int64_t i = own.begin; i < own.end; ++i) order.push_back(static_cast<std::size_t>(i));
  for (int shift = 1; shift < ranks; ++shift) {
    const PieceRange other = piece((rank + shift) % ranks);
    for (std::int64_t i = other.end - 1; i >= other.begin; --i)
      order.push_back(static_cast<std::size_t>(i));
  }
  return order;
}

void ComputeUnits(RunFolder& run, const UnitLoop& loop, const ProgressSink& progress) {
  UnitWork work(run, loop, progress);
  try {
    work.Run();
  } catch (const Interrupted&) {
    work.WriteTiming();
    throw Interrupted("{}: interrupted with {} of {} {} done; the same command resumes",
                      loop.words.job,
                      work.State().done,
                      work.State().total,
                      loop.words.noun);
  }
  work.WriteTiming();
}

void CompleteRun(RunFolder& run, const std::function<void()>& write_tables) {
  if (!Ranks::OfThisJob().IsFirst()) return;
  Claims::Claim claim;
  while (!(claim = run.TheClaims().Try("tables"))) {
    StopIfCancelled("tables");
    Pause(Milliseconds(100));
  }
  const RunFolder now = RunFolder::Open(run.Path());
  if (now.Manifest()["status"] == "complete") {
    run = now;
    return;
  }
  write_tables();
  run.Complete();
}

}  // namespace denoscope
