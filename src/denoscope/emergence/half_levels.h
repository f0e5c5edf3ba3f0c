// Noise levels at which curves over sigma fall to one half, with replicates of those levels, and
// what they have to do with variance and frequency.
#pragma once

#include <Eigen/Dense>
#include <functional>
#include <string>
#include <vector>

#include "denoscope/results/emergence_record.h"

namespace denoscope {

using Curves = Eigen::MatrixXd;  // (S,m): a column a direction, sigma ascending

struct Halves {
  std::vector<HalfLevel> levels;  // (m)
  Eigen::MatrixXd replicates;     // (R,m) of sigma, NaN where censored; R may be 0
};

// Levels of `curves`, with the intervals that curves(r), r = 0 .. replicates - 1, give. An interval
// is left out where more than 5 % of the replicates are censored: its ends would lie.
Halves HalvesOf(const std::vector<double>& sigmas,
                const Curves& curves,
                Eigen::Index replicates,
                const std::function<Curves(Eigen::Index)>& replicate);

// Of log sigma_half over the directions with a level, intervals from the replicates. lambda,
// frequency (m).
EmergenceStatistics LevelStatistics(const std::string& denoiser,
                                    const std::string& measure,
                                    const Halves& halves,
                                    const Eigen::VectorXd& lambda,
                                    const Eigen::VectorXd& frequency);

}  // namespace denoscope
