#include "denoscope/emergence/gain_curves.h"

#include <iterator>

namespace denoscope {

GainCurves::GainCurves(std::size_t sigmas,
                       const std::vector<Cell>& cells,
                       Spectrum Cell::*denoiser,
                       Eigen::VectorXd Spectrum::*gain) {
  for (const Cell& cell : cells) {
    const Eigen::VectorXd& gains = cell.*denoiser.*gain;
    Curves& curves =
        images_[cell.image]
            .try_emplace(cell.draw, Curves::Zero(static_cast<Eigen::Index>(sigmas), gains.size()))
            .first->second;
    curves.row(cell.sigma_index) = gains.transpose();
  }
  for (const auto& [image, draws] : images_) order_.push_back(&draws);
}

Curves GainCurves::ImageMean(std::size_t image) const {
  Curves sum = Zero();
  for (const auto& [draw, curves] : *order_[image]) sum += curves;
  return sum / static_cast<double>(order_[image]->size());
}

Curves GainCurves::Mean() const {
  Curves sum = Zero();
  for (std::size_t i = 0; i < Images(); ++i) sum += ImageMean(i);
  return sum / static_cast<double>(Images());
}

Curves GainCurves::Replicate(RandomStream& stream) const {
  Curves sum = Zero();
  for (std::size_t i = 0; i < Images(); ++i) {
    const Draws& draws = *order_[stream.Below(Images())];
    for (std::size_t j = 0; j < draws.size(); ++j)
      sum += std::next(draws.begin(), static_cast<std::ptrdiff_t>(stream.Below(draws.size())))
                 ->second /
             static_cast<double>(draws.size());
  }
  return sum / static_cast<double>(Images());
}

Curves GainCurves::Zero() const {
  const Curves& any = order_.front()->begin()->second;
  return Curves::Zero(any.rows(), any.cols());
}

}  // namespace denoscope
