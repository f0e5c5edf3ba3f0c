#include "denoscope/analysis/unit_loop.h"

#include <fmt/format.h>

#include <algorithm>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/files/csv.h"

namespace denoscope {

void ComputeUnits(RunFolder& run, const UnitLoop& loop, const ProgressSink& progress) {
  const std::filesystem::path timing_path = run.Path() / "timing.csv";
  Table timing{{"unit", "seconds"}, {}};
  if (std::filesystem::exists(timing_path)) timing = ReadCsv(timing_path);
  const auto before = std::count_if(
      loop.names.begin(), loop.names.end(), [&](const auto& name) { return run.HasCell(name); });
  const auto total = static_cast<std::int64_t>(loop.names.size());
  Progress state{loop.task, before, total, before, loop.noun, ""};
  progress(state);
  for (std::size_t i = 0; i < loop.names.size(); ++i) {
    const std::string& name = loop.names[i];
    if (run.HasCell(name)) continue;
    try {
      StopIfCancelled(loop.job.c_str());
      const double seconds = SecondsOf([&] { WriteNpz(run.CellPath(name), loop.compute(i)); });
      timing.rows.push_back({name, fmt::format("{:.3f}", seconds)});
    } catch (const Interrupted&) {
      WriteCsv(timing_path, timing);
      throw Interrupted("{}: interrupted with {} of {} {} done; the same command resumes",
                        loop.job,
                        state.done,
                        state.total,
                        loop.noun);
    }
    ++state.done;
    state.note = loop.note(i);
    progress(state);
  }
  WriteCsv(timing_path, timing);
}

}  // namespace denoscope
