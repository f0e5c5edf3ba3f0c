#include "denoscope/jacobian/self_test.h"

#include <gtest/gtest.h>

#include "tests/support/planted_denoiser.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

using torch::Tensor;
using Outcome = SelfTestCheck::Outcome;

constexpr double kSigma = 0.2;

Tensor CleanImage(std::int64_t channels = 1) {
  torch::manual_seed(3);
  return torch::rand({channels, 12, 8});
}

Outcome OutcomeOf(const SelfTest& test, const std::string& name) {
  for (const SelfTestCheck& check : test.checks)
    if (check.name == name) return check.outcome;
  ADD_FAILURE() << "no check is called " << name;
  return Outcome::kNotPossible;
}

std::vector<std::string> Failed(const SelfTest& test) {
  std::vector<std::string> names;
  for (const SelfTestCheck& check : test.checks)
    if (check.outcome == Outcome::kFailed) names.push_back(check.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(SelfTest, PassesForNetworksThatWeHold) {
  for (const char* preset : {"conditioned", "blind"}) {
    const auto denoiser = TinyDenoiser(TinyDescription(preset, 3, 3));
    const SelfTest test = TestJacobian(*denoiser, CleanImage(3), kSigma);
    EXPECT_EQ(Failed(test), Names()) << preset;
    for (const char* name :
         {"engine - backward", "engine - forward", "engine - differences", "adjoint", "SURE"})
      EXPECT_EQ(OutcomeOf(test, name), Outcome::kPassed) << preset << ", " << name;
    EXPECT_EQ(OutcomeOf(test, "homogeneity"),
              preset == std::string("blind") ? Outcome::kPassed : Outcome::kNotPossible);
    EXPECT_NO_THROW(denoiser->Denoise(CleanImage(3).unsqueeze(0), kSigma)) << "float32 again";
  }
}

TEST(SelfTest, PassesForASmoothDenoiserByAutograd) {
  PlantedDenoiser honest([](const Tensor& y, const Tensor& s) { return s * y.sigmoid(); });
  const SelfTest test = TestJacobian(honest, CleanImage(), kSigma);
  EXPECT_EQ(Failed(test), Names());
  EXPECT_EQ(OutcomeOf(test, "engine - backward"), Outcome::kNotPossible) << "nothing to compare";
  EXPECT_EQ(OutcomeOf(test, "engine - forward"), Outcome::kPassed);
}

// Wrong alike in rows and columns: only what looks at D itself can tell.
TEST(SelfTest, CatchesADerivativeThatMissesATerm) {
  PlantedDenoiser wrong([](const Tensor& y, const Tensor& s) { return s + y.detach() / 2; });
  EXPECT_EQ(Failed(TestJacobian(wrong, CleanImage(), kSigma)),
            Names({"engine - differences", "SURE"}));
}

TEST(SelfTest, CatchesABackwardThatIsNotTheAdjointOfTheForward) {
  PlantedDenoiser wrong([](const Tensor&, const Tensor& s) {
    Tensor out = s.clone();
    if (out.requires_grad()) out.register_hook([](const Tensor& g) { return g * 1.5; });
    return out;
  });
  EXPECT_EQ(Failed(TestJacobian(wrong, CleanImage(), kSigma)),
            Names({"engine - forward", "engine - differences", "adjoint", "SURE"}));
}

// One wrong entry of 96 x 96, by a part in a thousand.
TEST(SelfTest, NamesTheWorstEntry) {
  PlantedDenoiser wrong([](const Tensor& y, const Tensor& s) {
    Tensor unit = torch::zeros_like(s);
    unit.select(2, 3).select(2, 5).fill_(1);
    const Tensor pixel = y.select(2, 2).select(2, 4).view({-1, 1, 1, 1});
    return s + 1e-3 * unit * (pixel - pixel.detach());
  });
  const SelfTest test = TestJacobian(wrong, CleanImage(), kSigma);
  EXPECT_EQ(Failed(test), Names({"engine - differences"}));
  for (const SelfTestCheck& check : test.checks) {
    if (check.name != "engine - differences") continue;
    ASSERT_FALSE(check.worst.empty());
    EXPECT_EQ(check.worst[0].row, 3 * 8 + 5);
    EXPECT_EQ(check.worst[0].column, 2 * 8 + 4);
    EXPECT_NEAR(check.worst[0].first - check.worst[0].second, 1e-3, 1e-6);
  }
}

TEST(SelfTest, CatchesAFalseClaimOfHomogeneity) {
  PlantedDenoiser wrong([](const Tensor&, const Tensor& s) { return s + 0.1; }, true);
  EXPECT_EQ(Failed(TestJacobian(wrong, CleanImage(), kSigma)), Names({"homogeneity"}));
}

// With so large a step some columns cross kinks; a smaller step for the suspects clears them.
TEST(SelfTest, DoesNotTakeKinksForWrongDerivatives) {
  PlantedDenoiser kinked(
      [](const Tensor& y, const Tensor& s) { return (s - 0.25).relu() * 2 + y; });
  SelfTestOptions options;
  options.step = 0.05;
  const SelfTest test = TestJacobian(kinked, CleanImage(), kSigma, options);
  EXPECT_EQ(Failed(test), Names());
  for (const SelfTestCheck& check : test.checks) {
    if (check.name != "engine - differences") continue;
    EXPECT_NE(check.note.find("taken again"), std::string::npos) << "no kink was met";
  }
}

// A largest value that is taken number by number passes over what is no number.
TEST(SelfTest, CatchesProductsThatAreNoNumbers) {
  PlantedDenoiser wrong([](const Tensor& y, const Tensor& s) {
    Tensor out = s * y;
    if (out.requires_grad() && y.scalar_type() == torch::kFloat32)
      out.register_hook([](const Tensor& g) { return g * std::nan(""); });
    return out;
  });
  EXPECT_EQ(Failed(TestJacobian(wrong, CleanImage(), kSigma)), Names({"adjoint", "SURE"}));
}

}  // namespace
}  // namespace denoscope
