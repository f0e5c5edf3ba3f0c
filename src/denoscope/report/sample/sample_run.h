// What the figures and findings of a sampling run read of its folder.
#pragma once

#include <string>

#include "denoscope/report/plots/number_rows.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/results/trajectory_record.h"

namespace denoscope {

struct SampleRun {
  std::string subject, sampler, start;  // "unet on fashion-mnist", "euler", matched|noise
  std::string outside_training, start_note;
  double fixed_sigma = 0;  // 0: a schedule
  Trajectories paths;      // of the first unit
  Table all_paths, steps, emergence_steps, emergence, statistics, collapse, fixed_points;

  std::size_t Samples() const;
  std::size_t Whole(const std::string& process) const;  // samples that came to their end
  std::string Process() const;                          // "euler, sigma 13.3 to 0.02, 40 levels"
  Eigen::Index levels = 0;
};
SampleRun ReadSampleRun(const RunFolder& run);

}  // namespace denoscope
