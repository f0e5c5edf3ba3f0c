#include "denoscope/theory/optimal/time_update.h"

#include <gtest/gtest.h>

#include "denoscope/theory/optimal/wiener.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

TEST(GaussianTimeUpdate, TakesWienersGainsFromOneNoiseLevelToAnother) {
  const Eigen::VectorXd lambda = (Eigen::VectorXd(4) << 20, 1, 0.03, 1e-5).finished();
  for (const double from : {0.05, 1.0, 4.0})
    for (const double to : {0.02, 0.7, 9.0}) {
      const Eigen::VectorXd gains = GaussianTimeUpdate(WienerGains(lambda, from), from, to);
      EXPECT_LT((gains - WienerGains(lambda, to)).cwiseAbs().maxCoeff(), 1e-10);
    }
}

TEST(GaussianTimeUpdate, NoGaussianHasEigenvaluesOutsideZeroAndOne) {
  const Eigen::VectorXd mu = (Eigen::VectorXd(3) << -0.2, 1.3, 1).finished();
  EXPECT_EQ(GaussianTimeUpdate(mu, 0.1, 5), (Eigen::VectorXd(3) << 0, 1, 1).finished());
}

TEST(GaussianTimeUpdate, NoiseMustBePositive) {
  ExpectError([] { GaussianTimeUpdate(Eigen::VectorXd::Ones(1), 0, 1); },
              {"time update", "found 0 and 1"});
}

}  // namespace
}  // namespace denoscope
