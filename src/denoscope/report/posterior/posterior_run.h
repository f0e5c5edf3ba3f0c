// What the figures and findings of a posterior study read of its run folder.
#pragma once

#include <string>
#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/results/posterior_record.h"

namespace denoscope {

struct PosteriorRun {
  std::string subject;  // "unet on fashion-mnist"
  std::vector<Posterior> posteriors;
  Table coverage;                                   // no rows where none was asked for
  std::string outside_training, no_pca_directions;  // empty: nothing to say
  std::int64_t images = 0, probes = 0;
  std::vector<double> sigmas;
  std::vector<Coverage> coverages;
};
PosteriorRun ReadPosteriorRun(const RunFolder& run);

}  // namespace denoscope
