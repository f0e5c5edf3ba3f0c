#include "denoscope/studies/pca/pca_options.h"

#include <algorithm>

#include "denoscope/base/error.h"
#include "denoscope/runs/study_data.h"

namespace denoscope {

void PcaStudyOptions::Check() const {
  if (n.empty()) throw Error("pca study: no n, expected at least one");
  for (const std::int64_t samples : n) {
    if (samples < 2) throw Error("pca study: n is {}, expected at least 2 samples", samples);
    if (std::count(n.begin(), n.end(), samples) > 1)
      throw Error("pca study: n {} is given twice", samples);
  }
  CheckSigmas("pca study", sigmas);
  if (draws < 1) throw Error("pca study: draws is {}, expected at least 1", draws);
  if (modes < 1) throw Error("pca study: modes is {}, expected at least 1", modes);
  if (exact_up_to < 0)
    throw Error("pca study: exact_up_to is {}, expected at least 0", exact_up_to);
}

PcaStudyOptions ResolvePcaStudy(PcaStudyOptions options) {
  options.Check();
  std::sort(options.n.begin(), options.n.end());
  std::sort(options.sigmas.begin(), options.sigmas.end());
  return options;
}

}  // namespace denoscope
