// Moments of draws from N(0, 1): the mean of x^k over n has variance 1/n, 2/n, 15/n, 96/n for
// k = 1, 2, 3, 4.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

namespace denoscope {

// Expects them within `sigmas` standard errors; next() is a draw.
template <typename Next>
void ExpectMomentsOfNormal(Next next, std::size_t count, double sigmas) {
  const auto n = static_cast<double>(count);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = next();
    m1 += x / n;
    m2 += x * x / n;
    m3 += x * x * x / n;
    m4 += x * x * x * x / n;
  }
  EXPECT_NEAR(m1, 0, sigmas * std::sqrt(1 / n));
  EXPECT_NEAR(m2, 1, sigmas * std::sqrt(2 / n));
  EXPECT_NEAR(m3, 0, sigmas * std::sqrt(15 / n));
  EXPECT_NEAR(m4, 3, sigmas * std::sqrt(96 / n));
}

}  // namespace denoscope
