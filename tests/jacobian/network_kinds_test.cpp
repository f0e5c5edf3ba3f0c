// Jacobians of every kind of network that can be trained, and of every published architecture:
// which engine they take, and that it is right.
#include <gtest/gtest.h>

#include <algorithm>

#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/jacobian/self_test.h"
#include "tests/support/difference.h"
#include "tests/support/published_networks.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

using torch::Tensor;
constexpr double kSigma = 0.3;
// Sums of some hundred products, in another order.
constexpr double kRounding64 = 1e-12, kRounding32 = 1e-5;
// h = 1e-6: 1e-16 / h of rounding; kinks are far enough away at these seeds.
constexpr double kStep = 1e-6, kDifferences = 1e-7;

Tensor Noisy(std::int64_t channels, std::int64_t H = 12) {
  torch::manual_seed(4);
  return torch::rand({channels, H, 8}, torch::kFloat64);
}

std::unique_ptr<NetworkDenoiser> DenoiserOf(const std::string& kind) {
  const std::vector<std::string> published = PublishedArchitectureNames();
  if (std::find(published.begin(), published.end(), kind) == published.end())
    return TinyDenoiser(TinyDescription(kind, 2));
  const PublishedArchitecture narrow = NarrowArchitecture(kind);
  return std::make_unique<NetworkDenoiser>(
      kind, RandomNetwork(narrow.table), narrow.parameterisation, narrow.trained_sigmas);
}

class NetworkKind : public testing::TestWithParam<std::string> {
 protected:
  const std::unique_ptr<NetworkDenoiser> denoiser_ = DenoiserOf(GetParam());
  const Tensor y_ =
      Noisy(denoiser_->Traits().channels, denoiser_->Traits().size_multiple > 4 ? 16 : 12);
};

TEST_P(NetworkKind, HasTheJacobianOfDifferencesAndOfDualNumbers) {
  denoiser_->SetType(torch::kFloat64);
  const Tensor J = DenseJacobian(*denoiser_, y_, kSigma).J;
  EXPECT_LT(RelativeDifference(J, ForwardJacobian(*denoiser_, y_, kSigma)), kRounding64);
  EXPECT_LT(RelativeDifference(J, DifferenceJacobian(*denoiser_, y_, kSigma, kStep)), kDifferences);
  denoiser_->SetType(torch::kFloat32);
  EXPECT_LT(RelativeDifference(DenseJacobian(*denoiser_, y_.to(torch::kFloat32), kSigma).J, J),
            kRounding32);
}

TEST_P(NetworkKind, GivesTheSameProducts) {
  const Tensor y = y_.to(torch::kFloat32);
  const Eigen::MatrixXf J = ToMatrixD(DenseJacobian(*denoiser_, y, kSigma).J).cast<float>();
  const auto products = MakeJacobianOperator(*denoiser_, y, kSigma);
  const Eigen::MatrixXf V = Eigen::MatrixXf::Random(J.cols(), 3);
  EXPECT_LT((products->Apply(V) - J * V).norm(), kRounding32 * (J * V).norm());
  EXPECT_LT((products->ApplyTranspose(V) - J.transpose() * V).norm(),
            kRounding32 * (J.transpose() * V).norm());
}

TEST_P(NetworkKind, PassesTheSelfTest) {
  SelfTestOptions options;
  options.draws = 16;
  // At h / 100 = 1e-7 some of the 10^5 kinks of the widest network is in reach.
  options.step = 1e-6;
  const SelfTest test = TestJacobian(*denoiser_, y_.to(torch::kFloat32), kSigma, options);
  for (const SelfTestCheck& check : test.checks)
    EXPECT_NE(check.outcome, SelfTestCheck::Outcome::kFailed) << check.name << " " << check.error;
}

// The engine of tables counts its work, autograd does not.
TEST_P(NetworkKind, TakesTheFastPathWhereItIsPiecewiseLinear) {
  const JacobianAt at = DenseJacobian(*denoiser_, y_.to(torch::kFloat32), kSigma);
  EXPECT_EQ(at.gflop > 0, GetParam() != "attention");
}

std::string NameOfTest(const testing::TestParamInfo<std::string>& kind) {
  std::string name = kind.param;
  name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds,
    NetworkKind,
    testing::Values("conditioned", "blind", "attention", "blind-batchnorm", "dncnn", "linear"),
    NameOfTest);

INSTANTIATE_TEST_SUITE_P(Published,
                         NetworkKind,
                         testing::ValuesIn(PublishedArchitectureNames()),
                         NameOfTest);

TEST(LinearNetwork, HasItsMatrixAsJacobianExactly) {
  const ModelDescription d = TinyDescription("linear", 3);
  const auto denoiser = TinyDenoiser(d);
  const Tensor W = ToTensor(denoiser->Wrapped()->Weights().at("dense.weight"));
  EXPECT_TRUE(torch::equal(DenseJacobian(*denoiser, Noisy(3).to(torch::kFloat32), kSigma).J, W));
}

}  // namespace
}  // namespace denoscope
