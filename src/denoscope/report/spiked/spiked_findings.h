// What a spiked study found, in plain lines.
//
// Agreement of a simulated mean with a theory: within 3 of its standard errors and 8/d of the
// theory's value, the finite-size term. Held to it are spikes of at least 1.5 thresholds; nearer to
// the threshold and below it the gap is given as it is.
#pragma once

#include <string>

#include "denoscope/results/run_folder.h"

namespace denoscope {

struct Agreement {
  std::size_t points = 0, agreeing = 0;
  double Share() const { return static_cast<double>(agreeing) / static_cast<double>(points); }
};
// Of the column quantity (cos2, eigenvalue) of spikes.csv at strengths of at least 1.5 thresholds.
Agreement SpikeAgreement(const Table& spikes, const std::string& quantity);

std::string SpikedFindings(const RunFolder& run);

}  // namespace denoscope
