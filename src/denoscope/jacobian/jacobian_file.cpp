#include "denoscope/jacobian/jacobian_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>
#include <vector>

#include "denoscope/arrays/mapped_array.h"
#include "denoscope/arrays/shared_npy.h"
#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/jacobian/sparse_room.h"
#include "denoscope/ranks/meeting.h"

namespace denoscope {
namespace {

[[noreturn]] void Stop(const Progress& state) {
  throw Interrupted("jacobian: interrupted with {} of {} blocks done; the same command resumes",
                    state.done,
                    state.total);
}

ElementType TypeOf(const RowBlocks& rows) {
  return rows.Options().dtype() == at::kDouble ? ElementType::kFloat64 : ElementType::kFloat32;
}

Progress StateOf(const RowBlocks& rows, std::int64_t done) {
  return {"jacobian", done, rows.Count(), done, "blocks of rows", ""};
}

class SharedRows {
 public:
  SharedRows(RowBlocks& rows, SharedNpy& file)
      : rows_(rows),
        file_(file),
        row_bytes_(static_cast<std::size_t>(rows.Cols()) * rows.Options().dtype().itemsize()),
        room_(rows.Rows(), rows.Cols(), rows.Options()) {}

  // Own blocks first, those from this rank's share of the list on, then what others leave.
  void Compute(const ProgressSink& progress) {
    const Ranks& ranks = Ranks::OfThisJob();
    const std::int64_t own = PiecesOf(rows_.Count(), ranks.Rank(), ranks.Count()).begin;
    Progress state = StateOf(rows_, file_.CountDone());
    for (; !file_.AllDone(); file_.Look()) {
      state.done = file_.CountDone();
      progress(state);
      if (CancelRequested()) Stop(state);
      if (const auto piece = file_.Take(own))
        Compute(*piece);
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    state.done = state.total;
    progress(state);
  }

 private:
  void Compute(const SharedNpy::Piece& piece) {
    rows_.Compute(piece.index, room_.J());
    const std::vector<std::int64_t> rows = rows_.RowsOf(piece.index);
    for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
      while (++end < rows.size() && rows[end] == rows[end - 1] + 1) continue;
      const std::size_t offset = static_cast<std::size_t>(rows[begin]) * row_bytes_;
      file_.Write(
          offset, static_cast<char*>(room_.J().data_ptr()) + offset, (end - begin) * row_bytes_);
    }
    file_.MarkDone(piece);
    room_.GiveBack();
  }

  RowBlocks& rows_;
  SharedNpy& file_;
  std::size_t row_bytes_;
  SparseRoom room_;
};

JacobianSummary SummariseFile(const std::filesystem::path& path, const RowBlocks& rows) {
  const MappedArray array = MapNpy(path);
  auto* data = const_cast<void*>(array.data.get());  // read alone
  return Summarise(at::from_blob(data, {rows.Rows(), rows.Cols()}, rows.Options()));
}

}  // namespace

JacobianSummary WriteJacobian(RowBlocks& rows,
                              const NpyTarget& target,
                              const ProgressSink& progress) {
  MappedNpy file(target, TypeOf(rows), {rows.Rows(), rows.Cols()}, rows.Count());
  const at::Tensor J = at::from_blob(file.Data(), {rows.Rows(), rows.Cols()}, rows.Options());
  Progress state = StateOf(rows, file.CountDone());
  for (std::int64_t i = 0; i < rows.Count(); ++i) {
    if (file.Done(i)) continue;
    progress(state);
    if (CancelRequested()) Stop(state);
    rows.Compute(i, J);
    file.MarkDone(i);
    ++state.done;
  }
  progress(state);
  const JacobianSummary summary = Summarise(J);
  file.Finish();
  return summary;
}

std::optional<JacobianSummary> WriteJacobianTogether(RowBlocks& rows,
                                                     const NpyTarget& target,
                                                     const ProgressSink& progress,
                                                     const std::function<void()>& opened) {
  const Ranks& ranks = Ranks::OfThisJob();
  const Meeting meeting(ranks);
  std::optional<SharedNpy> file;
  const auto open = [&](SharedNpy::Place place) {
    file.emplace(target, TypeOf(rows), Shape{rows.Rows(), rows.Cols()}, rows.Count(), place);
  };
  meeting.Step([&] {
    if (ranks.IsFirst()) open(SharedNpy::Place::kFirst);
  });
  meeting.Step([&] {
    if (!ranks.IsFirst()) open(SharedNpy::Place::kOther);
  });
  opened();
  SharedRows(rows, *file).Compute(progress);
  if (!ranks.IsFirst()) return std::nullopt;
  file->Finish();
  return SummariseFile(target.path, rows);
}

JacobianSummary Summarise(const at::Tensor& J) {
  constexpr std::int64_t kTile = 512;
  const std::int64_t d = J.size(0);
  JacobianSummary summary;
  double square = 0, difference = 0;
  const auto tile = [&](std::int64_t i, std::int64_t j) {
    return J.narrow(0, i, std::min(kTile, d - i)).narrow(1, j, std::min(kTile, d - j));
  };
  const auto squared = [](const at::Tensor& x) {
    return x.square().sum(at::kDouble).item<double>();
  };
  for (std::int64_t i = 0; i < d; i += kTile) {
    summary.trace += tile(i, i).diagonal().sum(at::kDouble).item<double>();
    for (std::int64_t j = 0; j <= i; j += kTile) {
      const double weight = i == j ? 1 : 2;
      const at::Tensor upper = tile(j, i).t();
      square += squared(tile(i, j)) + (i == j ? 0 : squared(upper));
      difference += weight * squared(tile(i, j) - upper);
    }
  }
  if (square > 0) summary.asymmetry = std::sqrt(difference / square);  // of J = 0: 0
  return summary;
}

}  // namespace denoscope
