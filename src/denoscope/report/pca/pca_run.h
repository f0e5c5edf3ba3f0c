// What the figures and findings of a PCA study read of its run folder.
#pragma once

#include <string>
#include <vector>

#include "denoscope/report/plots/number_rows.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct PcaRun {
  Reference reference;
  Table spectrum, power_law, wiener, gains, alignment, theory, subspaces, above_edge, aligning,
      statistics, theories;
  std::string data;  // its name
  std::int64_t draws = 0, sample_images = 0, modes = 0;
  std::vector<double> n, sigmas;

  std::int64_t Size() const { return reference.lambda.size(); }  // d
  bool DrawsShareImages(double samples) const;                   // at this n
  std::string Title(double samples) const;                       // "n = 1000, d = 784, 5 draws"
};
PcaRun ReadPcaRun(const RunFolder& run);

}  // namespace denoscope
