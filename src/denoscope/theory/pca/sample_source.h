// Samples that need not be in memory together: a function that reads columns begin .. end - 1 of
// the samples, (d,n) as a whole, as often as asked. Passes over the same source must agree.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <functional>

namespace denoscope {

struct SampleSource {
  Eigen::Index d = 0;
  std::int64_t n = 0;
  std::function<Eigen::MatrixXf(std::int64_t begin, std::int64_t end)> read;  // (d, end - begin)
  std::int64_t block = 1024;  // samples read at once, >= 1

  void Check() const;
};

// A copy of samples (d,n) in memory as a source.
SampleSource SourceOf(Eigen::MatrixXf samples);

// Calls `use` with each block of one pass, in order. Throws when a block has the wrong shape or
// holds what is not finite, and Interrupted between blocks.
using BlockUse = std::function<void(const Eigen::MatrixXf& block)>;
void ForEachBlock(const SampleSource& source, const BlockUse& use);

}  // namespace denoscope
