#include "denoscope/jacobian/jacobian_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"

namespace denoscope {

JacobianSummary WriteJacobian(RowBlocks& rows,
                              const std::filesystem::path& path,
                              const std::string& job,
                              bool force,
                              const ProgressSink& progress) {
  const bool is_double = rows.Options().dtype() == at::kDouble;
  MappedNpy file(path,
                 is_double ? ElementType::kFloat64 : ElementType::kFloat32,
                 {rows.Rows(), rows.Cols()},
                 job,
                 rows.Count(),
                 force);
  const at::Tensor J = at::from_blob(file.Data(), {rows.Rows(), rows.Cols()}, rows.Options());
  const std::int64_t before = file.CountDone();
  Progress state{"jacobian", before, rows.Count(), before, "blocks of rows", ""};
  for (std::int64_t i = 0; i < rows.Count(); ++i) {
    if (file.Done(i)) continue;
    progress(state);
    if (CancelRequested())
      throw Interrupted("jacobian: interrupted with {} of {} blocks done; the same command resumes",
                        state.done,
                        state.total);
    rows.Compute(i, J);
    file.MarkDone(i);
    ++state.done;
  }
  progress(state);
  const JacobianSummary summary = Summarise(J);
  file.Finish();
  return summary;
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
