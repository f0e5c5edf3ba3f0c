// Curves of gains over noise levels from the cells of a run, and their means over images.
#pragma once

#include <map>
#include <vector>

#include "denoscope/base/random.h"
#include "denoscope/emergence/half_levels.h"
#include "denoscope/results/records.h"

namespace denoscope {

class GainCurves {
 public:
  // Of one denoiser (Cell::deep, Cell::linear) and kind of gain (pca_gain, band_gain); cells hold
  // every (image, sigma, draw).
  GainCurves(std::size_t sigmas,
             const std::vector<Cell>& cells,
             Spectrum Cell::*denoiser,
             Eigen::VectorXd Spectrum::*gain);

  std::size_t Images() const { return order_.size(); }
  Curves ImageMean(std::size_t image) const;  // over its draws
  Curves Mean() const;                        // over images, each counting alike
  // Images drawn with replacement, and of each as many draws with replacement.
  Curves Replicate(RandomStream& stream) const;

 private:
  using Draws = std::map<std::int64_t, Curves>;
  std::map<std::int64_t, Draws> images_;
  std::vector<const Draws*> order_;
  Curves Zero() const;
};

}  // namespace denoscope
