#include "denoscope/jacobian/engine.h"

#include <gtest/gtest.h>

#include "denoscope/base/stopwatch.h"
#include "denoscope/jacobian/coloured_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "tests/support/expect_error.h"
#include "tests/support/planted_denoiser.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

using torch::Tensor;

constexpr double kSigma = 0.2;

PlantedDenoiser Local() {
  return PlantedDenoiser([](const Tensor&, const Tensor& s) { return s.sigmoid(); });
}
PlantedDenoiser Global() {
  return PlantedDenoiser([](const Tensor& y, const Tensor& s) { return s + y.mean(); });
}

TEST(ChooseEngine, ColoursWhatIsKnownToBeLocal) {
  const auto network = RandomNetwork(LcvBfcnnTable());
  const NetworkDenoiser denoiser(
      "local", network, {Prediction::kResidual, 0.5, SigmaInput::kNone}, std::nullopt);
  EngineChoice choice = ChooseEngine(denoiser, torch::rand({1, 24, 16}), kSigma, std::nullopt);
  EXPECT_EQ(choice.engine, Engine::kColoured);
  EXPECT_EQ(choice.field, 5);
  EXPECT_NE(choice.reason.find("5 x 5 by the architecture"), std::string::npos) << choice.reason;
  // On 6 x 6 pixels 25 products save nothing worth a sparse matrix.
  choice = ChooseEngine(denoiser, torch::rand({1, 6, 6}), kSigma, std::nullopt);
  EXPECT_EQ(choice.engine, Engine::kDense);
  EXPECT_NE(choice.reason.find("25 products for d = 36"), std::string::npos) << choice.reason;
}

TEST(ChooseEngine, ProbesWhereTheFieldIsNotKnown) {
  const Tensor y = torch::rand({1, 12, 10});
  EXPECT_EQ(ChooseEngine(Local(), y, kSigma, std::nullopt).engine, Engine::kDense);
  const EngineChoice choice = ChooseEngine(Local(), y, kSigma, Engine::kColoured);
  EXPECT_EQ(choice.field, 3);
  EXPECT_NE(choice.reason.find("16 of 120 rows"), std::string::npos) << choice.reason;
  ExpectError([&] { ChooseEngine(Global(), y, kSigma, Engine::kColoured); },
              {"engine coloured", "the Jacobian is dense"});
  ExpectError([&] { ChooseEngine(Local(), y.to(torch::kFloat64), kSigma, Engine::kColoured); },
              {"engine coloured", "float32"});
}

// Counts are exact; how long it takes is for benchmarks to tell.
TEST(JacobianPlan, CountsVectorsAndBytes) {
  const auto denoiser = TinyDenoiser(TinyDescription("conditioned"));
  const Tensor y = torch::rand({1, 12, 8});
  JacobianPlan dense, coloured;
  const double probing = SecondsOf([&] { dense = PlanDense(*denoiser, y, kSigma, {}); });
  EXPECT_EQ(dense.d, 96);
  EXPECT_EQ(dense.passes, 96);
  EXPECT_EQ(dense.output, 96 * 96 * 4);
  // No block takes as long as the probe, which has done two or more.
  EXPECT_GT(dense.seconds, dense.start_seconds);
  EXPECT_LT(dense.seconds, static_cast<double>(dense.blocks) * probing);
  EXPECT_GT(dense.memory, 0);

  const PlantedDenoiser local = Local();
  const auto J = MakeJacobianOperator(local, y, kSigma);
  const double two_blocks = SecondsOf([&] { coloured = PlanColoured(*J, {1, 12, 8}, 3); });
  EXPECT_EQ(coloured.passes, ColourJacobian(*J, {1, 12, 8}, 3).products);
  EXPECT_EQ(coloured.passes / coloured.block, 3);
  EXPECT_LT(coloured.seconds, 3 * two_blocks);

  KrylovOptions options;
  options.count = 4;
  options.tolerance = 1e-3;
  const JacobianPlan leading = PlanLeading(*J, options);
  const std::int64_t products = 2 * LeadingEigenpairs(SymmetricPart(*J), options).applications +
                                LeadingSingularTriplets(*J, options).applications;
  EXPECT_LE(leading.passes, products);
  EXPECT_GE(leading.most_passes, products);
  EXPECT_NE(leading.Text().find(" to "), std::string::npos) << leading.Text();
}

}  // namespace
}  // namespace denoscope
