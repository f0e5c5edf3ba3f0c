// The posterior that a denoiser claims, sigma^2 J at noisy images, in a run folder that resumes: of
// each image and noise level its leading components and pixels (posterior_units.h), and over
// held-out images how often the truth lies where it says (posterior_tables.h).
#pragma once

#include <memory>
#include <string>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/studies/posterior/posterior_options.h"

namespace denoscope {

struct PosteriorInput {
  const Denoiser& denoiser;
  const ImageSet& images;          // a test split
  std::shared_ptr<const Pca> pca;  // of the training split; null: no directions of PCA
  std::string pca_sha256;          // of the data behind it
  std::string no_pca_reason;       // why there is none
  Json model;                      // name, sha256, ..: part of the identity
  Json record;                     // revision, command line, libraries, threads: recorded only
};

// Runs or resumes, and ends with the tables. Throws Interrupted, with finished units kept, when
// cancelled.
RunFolder RunPosterior(const PosteriorInput& input,
                       const PosteriorOptions& options,
                       const RunTarget& target);

}  // namespace denoscope
