// What figures and findings of a comparison use of it, run by run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/results/comparison.h"
#include "denoscope/results/emergence_record.h"

namespace denoscope {

struct RunBeside {  // one run beside the others
  std::string label, model, data;
  std::int64_t n = 0, reference_n = 0;  // images behind its model (0: not recorded), behind its PCA
  double lambda_frequency = kNotComputed;  // rank correlation of the two over its modes
  EmergenceStatistics deep, linear;        // of resolved variance

  // "linear:wiener" of linear:wiener:1000; of a network nothing.
  std::string Family() const;
};
std::vector<RunBeside> RunsOf(const Comparison& comparison, const std::filesystem::path& source);

// Variance clearly falls with frequency in one run and rises in another: what parts the two.
bool HasControl(const std::vector<RunBeside>& runs);

}  // namespace denoscope
