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

#include <cstdint>
#include <filesystem>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/data/image_set.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct PcaStudyOptions {
  std::vector<std::int64_t> n = {1000, 10000};  // noisy samples of a basis, >= 2, distinct
  std::vector<double> sigmas;       // > 0, distinct; empty: 14 from 0.02 to 3 sqrt(lambda_0)
  std::int64_t draws = 5;           // of noise and images, >= 1; one has no standard error
  std::int64_t modes = 64;          // K, leading modes compared, 1 to min(d, n - 1) of each n
  std::int64_t exact_up_to = 4096;  // d up to which the reference's whole spectrum is computed
  std::uint64_t seed = 0;

  void Check() const;
};

struct PcaStudyInput {
  const ImageSet& reference;  // at least K + 1 images, not all the same
  const ImageSet& samples;    // as large as the largest n, of the same size, disjoint from those
  Json record;                // command, revision, libraries, threads: recorded only
};

// Runs or resumes, and ends with the tables (pca_tables.h). Throws Interrupted, with finished units
// kept, when cancelled.
RunFolder RunPcaStudy(const PcaStudyInput& input,
                      const PcaStudyOptions& options,
                      const std::filesystem::path& out,
                      bool force,
                      const ProgressSink& progress);

}  // namespace denoscope
