// Lists on the command line, one grammar everywhere:
//   0.1,0.3,1      numbers                      25/255         a fraction
//   0.02:13:log12  12 numbers, geometric        0:1:lin5       5 numbers, evenly spaced
//   2,5-10         integers and ranges of them
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace denoscope {

// Each throws UsageError, quoting the part it cannot read.
std::vector<double> ParseNumbers(const std::string& text);
std::vector<std::int64_t> ParseIntegers(const std::string& text);

// Noise levels from `flag`, each divided by --sigma-scale. "auto" gives an empty list.
std::vector<double> ReadSigmas(const std::string& list,
                               double scale,
                               const std::string& flag = "--sigmas");

struct ShardChoice {
  std::int64_t index = 0, count = 1;  // 0 <= index < count
};
// "0/4"; or "slurm": the task of a job array (SLURM_ARRAY_TASK_ID, .._MIN, .._COUNT), else the rank
// of a job step (SLURM_PROCID of SLURM_NTASKS).
ShardChoice ParseShard(const std::string& text);

}  // namespace denoscope
