// Linear reverse processes side by side, on the spectrum of a data set and from the same starts, in
// a run folder that resumes.
//
//   known spectrum     repeated Wiener denoising, projection on the true basis, DDIM, exact flow
//                      and power iteration (linear_diffusion.h), on the run's own levels and on
//                      every schedule between the same extremes;
//   learned, by trial  bases of n noisy samples at each level (learned_diffusion.h), on the run's
//                      levels, with their partial operators in the basis U_0 of the clean data.
//
// U_0, lambda and m are those of the reference images (a training split). Noisy samples are images
// of another split, fresh noise taking n others of them at each level, or Gaussian samples
// N(m, Sigma): of those E P = prod E[U U^T] is exact for fresh noise (partial_operators.h).
//
// Units of work: ten trials each, on all threads. With the defaults and d = 784 the 50 trials take
// three minutes of processor time.
#pragma once

#include "denoscope/data/image_set.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/studies/diffuse/diffuse_options.h"

namespace denoscope {

struct DiffuseStudyInput {
  const ImageSet& reference;  // more images than d are best: lambda is taken as the truth
  const ImageSet& samples;    // of the same size; at least n
  Json record;                // command, revision, libraries, threads: recorded only
};

// Runs or resumes, and ends with the tables (diffuse_tables.h). Throws Interrupted, with finished
// units kept, when cancelled.
RunFolder RunDiffuseStudy(const DiffuseStudyInput& input,
                          const DiffuseStudyOptions& options,
                          const RunTarget& target);

}  // namespace denoscope
