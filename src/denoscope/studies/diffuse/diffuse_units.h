// The units of a diffuse study: ten trials of learned diffusion each, as sums that can be merged.
#pragma once

#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/studies/diffuse/diffuse_options.h"
#include "denoscope/theory/pca/noisy_source.h"

namespace denoscope {

struct DiffuseUnit {
  std::int64_t first = 0, count = 0;  // trials
  std::string Name() const;           // trials_0010-0019
  std::string Note() const;
};
std::vector<DiffuseUnit> DiffuseUnits(const DiffuseStudyOptions& options);

// lambda and mean of the reference, both in its basis: what all processes start from.
struct DiffuseProblem {
  Eigen::VectorXd lambda, mean;
  NamedLevels levels;
  Eigen::MatrixXd starts;  // (d,B)
};
DiffuseProblem MakeDiffuseProblem(const DiffuseStudyOptions& options, const Reference& reference);

// The first of these levels at which n samples in d dimensions show mode 0, after Baik, Ben Arous &
// Péché 2005: below sqrt(lambda_0) (n/d)^(1/4). 0 when none is.
Eigen::Index FirstVisibleLevel(const Eigen::VectorXd& levels,
                               const Eigen::VectorXd& lambda,
                               std::int64_t n);

LearnedSums ComputeDiffuseUnit(const NoisySource& source,
                               const DiffuseProblem& problem,
                               const DiffuseStudyOptions& options,
                               const DiffuseUnit& unit,
                               const ProgressSink& progress);

Npz ToNpz(const LearnedSums& sums);
LearnedSums LearnedSumsFromNpz(const Npz& npz, const std::string& source);

// All units merged; throws naming one that is missing.
LearnedDiffusion ReadLearned(const RunFolder& run, const DiffuseStudyOptions& options);

}  // namespace denoscope
