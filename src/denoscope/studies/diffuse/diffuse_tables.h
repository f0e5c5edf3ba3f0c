// The tables and arrays of a diffuse study, from its units and reference. Columns: docs/formats.md.
#pragma once

#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/studies/diffuse/diffuse_units.h"

namespace denoscope {

// All processes of one schedule that need no learning, from the same starts.
struct ScheduledProcesses {
  NamedLevels levels;
  std::vector<Recursion> recursions;
  std::vector<ProcessTrace> traces;
};
ScheduledProcesses RunScheduled(const DiffuseProblem& problem,
                                const NamedLevels& levels,
                                const DiffuseStudyOptions& options);

// Each a row of lambda_0/s_i^2 summed up to a step, and how far the mode ratios of repeated Wiener
// denoising have gone from those of power iteration: max_k |(R_k/R_0) / (P_k/P_0) - 1| over the
// leading modes. Of first order it is at most the sum.
void AddPowerRows(const ScheduledProcesses& scheduled, Eigen::Index modes, Table& table);

// DDIM's Euler product against the exact flow as the number of levels doubles: the largest error
// of a gain and of the variance of a mode that starts as N(0, Sigma + s_0^2), both relative.
Table DdimTable(const DiffuseStudyOptions& options, const Eigen::VectorXd& lambda);

// Writes the tables, operators.npz and samples.npz.
void WriteDiffuseResults(const RunFolder& run,
                         const DiffuseStudyOptions& options,
                         const Reference& reference);

}  // namespace denoscope
