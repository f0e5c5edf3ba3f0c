#include "denoscope/theory/pca/sample_source.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"

namespace denoscope {

using Eigen::MatrixXf;

void SampleSource::Check() const {
  if (d < 1 || n < 1) {
    throw Error("samples: shape is ({},{}), expected at least one sample of one value", d, n);
  }
  if (!read) throw Error("samples ({},{}): no function to read them, expected one", d, n);
  if (block < 1) throw Error("samples ({},{}): block is {}, expected at least 1", d, n, block);
}

SampleSource SourceOf(MatrixXf samples) {
  SampleSource source;
  source.d = samples.rows();
  source.n = samples.cols();
  const auto kept = std::make_shared<const MatrixXf>(std::move(samples));
  source.read = [kept](std::int64_t begin, std::int64_t end) -> MatrixXf {
    return kept->middleCols(begin, end - begin);
  };
  return source;
}

void ForEachBlock(const SampleSource& source, const BlockUse& use) {
  source.Check();
  for (std::int64_t begin = 0; begin < source.n; begin += source.block) {
    if (CancelRequested()) {
      throw Interrupted("samples: interrupted after {} of {}", begin, source.n);
    }
    const std::int64_t end = std::min(begin + source.block, source.n);
    const MatrixXf samples = source.read(begin, end);
    if (samples.rows() != source.d || samples.cols() != end - begin) {
      throw Error("samples {} to {}: read shape ({},{}), expected ({},{})",
                  begin,
                  end,
                  samples.rows(),
                  samples.cols(),
                  source.d,
                  end - begin);
    }
    if (!samples.allFinite()) {
      throw Error("samples {} to {}: hold a value that is not finite", begin, end);
    }
    use(samples);
  }
}

}  // namespace denoscope
