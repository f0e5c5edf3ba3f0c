// The units of a sweep: evaluations of the denoiser, then of the nulls, then cells noise level by
// noise level, for the linear twin changes with sigma only.
#pragma once

#include <string>
#include <vector>

#include "denoscope/results/run_folder.h"
#include "denoscope/studies/sweep/sweep_options.h"

namespace denoscope {

// Images of an evaluation of a null denoiser, at most: their effects are large or none.
constexpr std::int64_t kNullImages = 500;

struct SweepUnit {
  bool is_evaluation = false;
  std::string null;  // the null denoiser that is evaluated; empty: the denoiser itself
  CellKey key;
  std::string Name() const;
  std::string Note() const;
};
// Of resolved options; of all shards.
std::vector<SweepUnit> SweepUnits(const SweepOptions& options,
                                  const std::vector<std::string>& nulls);

// The share of this run's shard.
template <typename Unit>
std::vector<Unit> OfShard(const std::vector<Unit>& all, const SweepOptions& options) {
  std::vector<Unit> ours;
  for (auto i = static_cast<std::size_t>(options.shard); i < all.size();
       i += static_cast<std::size_t>(options.shards))
    ours.push_back(all[i]);
  return ours;
}

}  // namespace denoscope
