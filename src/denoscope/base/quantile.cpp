#include "denoscope/base/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/error.h"

namespace denoscope {

double Quantile(std::vector<double> x, double q) {
  if (!(q >= 0 && q <= 1)) throw Error("quantile: q is {}, expected 0 to 1", q);
  if (x.empty() || std::any_of(x.begin(), x.end(), [](double value) { return std::isnan(value); }))
    return std::numeric_limits<double>::quiet_NaN();
  std::sort(x.begin(), x.end());
  const double position = q * static_cast<double>(x.size() - 1);
  const auto lower = static_cast<std::size_t>(position);
  const double share = position - static_cast<double>(lower);
  if (share == 0) return x[lower];
  return x[lower] + share * (x[lower + 1] - x[lower]);
}

}  // namespace denoscope
