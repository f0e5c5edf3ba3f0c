// The order statistics of a list.
#pragma once

#include <vector>

namespace denoscope {

// Linear interpolation between order statistics, q in [0,1]; NaN for no values or a NaN among them.
double Quantile(std::vector<double> x, double q);

}  // namespace denoscope
