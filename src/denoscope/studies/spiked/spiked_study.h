// What PCA and linear denoisers learn from n samples, simulated beside every closed form that the
// theory folder has, in a run folder. Four questions, sigma = 1 in the first two:
//
//   spike   one direction of strength t in white noise, at every d and n/d: cos^2, sample
//           eigenvalue, and the error of three gains on it (spiked_covariance.h);
//   bulk    all eigenvalues around spikes at 0.5, 2 and 4 thresholds, at the largest d
//           (marchenko_pastur.h);
//   modes   a whole spectrum in noise sigma, at the smallest d: cos^2 and eigenvalue of each mode
//           (spiked, anisotropic and mixed form), the noise at which each aligns;
//   plug-in, regression
//           linear denoisers learned from n clean samples, or from n pairs, of the same spectrum:
//           gains, error, the error they expect (kappa.h).
//
// Everywhere gamma = d/(n - 1), for samples are centred on their mean, and a strength is given in
// units of the threshold sqrt(gamma). Trials of different questions, d and n are independent;
// strengths and noise levels of a trial share its draws, so neighbouring points err together.
//
// Units of work: ten trials of one question at one d and n, each trial's numbers kept.
// Cost with the defaults: about a minute and a half on one core, most of it for d = 800.
#pragma once

#include "denoscope/results/run_folder.h"
#include "denoscope/studies/spiked/spiked_options.h"

namespace denoscope {

// Runs or resumes, and ends with the tables (spiked_tables.h). `record` is written to run.json.
// Throws Interrupted, with finished units kept, when cancelled.
RunFolder RunSpikedStudy(const SpikedStudyOptions& options,
                         const Json& record,
                         const RunTarget& target);

}  // namespace denoscope
