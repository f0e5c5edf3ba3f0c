// PCA of a data set, and of n noisy images of it at each noise level, beside theory and a Gaussian
// twin; in a run folder that resumes.
//
//   reference  u_k, lambda_k from the reference images (a training split), with frequency, Wiener's
//              gains and error, the noise at which n samples should still show a mode;
//   images     bases learned from n noisy images of another set (a test split), against u_k
//              (noisy_basis.h);
//   gaussian   the same of n samples with independent entries N(0, lambda_k), against the true
//              directions: what the spectrum alone explains.
//
// Images of a draw: n of a fixed random order, the next draw taking the next n and starting again
// at its end. So draws share no image while draws n <= the number of images; beyond that they share
// some, with n all of them every one, and the spread over draws is then that of noise alone. The
// twin draws new samples each time. u_k has a sampling error of its own, which the twin's reference
// has not: see reference_cos2 in spectrum.csv.
//
// Units of work: one basis, of one kind, n, sigma and draw. Cost of each: noisy_basis.h; with the
// defaults and d = 784 all 280 take about two minutes on one core.
#pragma once

#include "denoscope/data/image_set.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/studies/pca/pca_options.h"

namespace denoscope {

struct PcaStudyInput {
  const ImageSet& reference;  // at least K + 1 images, not all the same
  const ImageSet& samples;    // as large as the largest n, of the same size, disjoint from those
  Json record;                // command, revision, libraries, threads: recorded only
};

// Runs or resumes, and ends with the tables (pca_tables.h). Throws Interrupted, with finished units
// kept, when cancelled.
RunFolder RunPcaStudy(const PcaStudyInput& input,
                      const PcaStudyOptions& options,
                      const RunTarget& target);

}  // namespace denoscope
