// Published weights against their goldens, made by PyTorch's autograd in float64.
#include <gtest/gtest.h>

#include "denoscope/denoise/model_folder.h"
#include "denoscope/denoise/script_network.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/weights/safetensors.h"
#include "tests/support/difference.h"
#include "tests/support/pretrained.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

class LcvUnet : public testing::TestWithParam<std::string> {
 protected:
  static std::filesystem::path Folder() { return PretrainedPath("lcv_unet_bias_free"); }
  void SetUp() override { DENOSCOPE_NEEDS_PRETRAINED("lcv_unet_bias_free"); }
};

TEST_P(LcvUnet, HasTheGoldenEstimateAndJacobian) {
  const Safetensors golden = ReadSafetensors(Folder() / "golden_20x20_sigma30.safetensors");
  const torch::Tensor y = ToTensor(golden.tensors.at("y"));
  const torch::Tensor D = ToTensor(golden.tensors.at("D")), J = ToTensor(golden.tensors.at("J"));
  const LoadedModel model = LoadModelFile(Folder() / GetParam(), {});
  EXPECT_EQ(model.description.architecture, "lcv-unet");
  EXPECT_EQ(model.parameters, 233024);
  for (const auto type : {torch::kFloat64, torch::kFloat32}) {
    model.denoiser->SetType(type);
    const JacobianAt at = DenseJacobian(*model.denoiser, y.to(type)[0], 30.0 / 255);
    EXPECT_LT((at.denoised.to(torch::kFloat64) - D[0]).abs().max().item<double>(), 1e-5) << type;
    EXPECT_LT(RelativeDifference(at.J, J), 1e-4) << type;
    // Bias-free: D = J y (Mohan et al. 2020).
    EXPECT_LT(RelativeDifference(at.J.matmul(y.to(type).flatten()), D.flatten()), 1e-5) << type;
  }
}

INSTANTIATE_TEST_SUITE_P(Files,
                         LcvUnet,
                         testing::Values("weights.safetensors", "checkpoint_legacy.pt"),
                         [](const auto& file) { return file.param.substr(0, 7); });

TEST(LcvBfcnn, HasOneJacobianFromEitherFileAndNothingOutsideFiveByFive) {
  DENOSCOPE_NEEDS_PRETRAINED("lcv_bfcnn_rf5");
  const auto folder = PretrainedPath("lcv_bfcnn_rf5");
  torch::manual_seed(6);
  const torch::Tensor y = 0.5 + 0.2 * torch::randn({1, 14, 19});
  std::vector<torch::Tensor> jacobians;
  for (const char* file : {"weights.safetensors", "state_dict.pt"}) {
    const LoadedModel model = LoadModelFile(folder / file, {});
    EXPECT_EQ(model.denoiser->Traits().receptive_field, 5);
    jacobians.push_back(DenseJacobian(*model.denoiser, y, 0.2).J);
  }
  EXPECT_TRUE(torch::equal(jacobians[0], jacobians[1]));
  const torch::Tensor J = jacobians[0].view({14, 19, 14, 19});
  const torch::Tensor row = torch::arange(14), column = torch::arange(19);
  const torch::Tensor near =
      ((row.view({14, 1, 1, 1}) - row.view({1, 1, 14, 1})).abs() <= 2)
          .logical_and((column.view({1, 19, 1, 1}) - column.view({1, 1, 1, 19})).abs() <= 2);
  EXPECT_EQ(J.masked_select(near.logical_not()).abs().max().item<float>(), 0.0f);
  EXPECT_GT(J.masked_select(near).abs().min().item<float>(), 0.0f) << "every neighbour matters";
}

TEST(LcvBfcnn, DenoisesWhenReadAsPublished) {
  DENOSCOPE_NEEDS_PRETRAINED("lcv_bfcnn_rf5");
  const torch::NoGradGuard no_gradient;
  const auto path = PretrainedPath("lcv_bfcnn_rf5") / "weights.safetensors";
  torch::manual_seed(6);
  const torch::Tensor x = torch::linspace(0.2, 0.8, 64).view({1, 1, 1, 64}).expand({1, 1, 64, 64});
  const torch::Tensor y = x + 0.1 * torch::randn({1, 1, 64, 64});
  const auto mse = [&](const FileReading& reading) {
    return (LoadModelFile(path, reading).denoiser->Denoise(y, 0.1) - x)
        .square()
        .mean()
        .item<double>();
  };
  EXPECT_LT(mse({}), 0.3 * 0.01);
  EXPECT_GT(mse({"", "", Prediction::kX0}), 0.01) << "the noise taken for the image";
}

// Exported, loaded again: the same estimate and Jacobian, of a published network and of our own.
TEST(Exported, HasTheSameJacobian) {
  TempDir temp;
  std::vector<LoadedModel> models;
  models.push_back(LoadModel(std::filesystem::path(DENOSCOPE_SOURCE_DIR) / "models/fashion-unet"));
  if (const auto path = PretrainedPath("lcv_unet_bias_free") / "weights.safetensors";
      std::filesystem::exists(path))
    models.push_back(LoadModelFile(path, {}));
  torch::manual_seed(6);
  const torch::Tensor y = torch::rand({1, 12, 16}) + 0.2 * torch::randn({1, 12, 16});
  for (const LoadedModel& model : models) {
    ExportTorchScript(*model.denoiser, temp.Path("exported.pt"));
    const JacobianAt ours = DenseJacobian(*model.denoiser, y, 0.2);
    const JacobianAt again =
        DenseJacobian(*LoadModelFile(temp.Path("exported.pt"), {}).denoiser, y, 0.2);
    EXPECT_LT(RelativeDifference(again.denoised, ours.denoised), 1e-6);
    EXPECT_LT(RelativeDifference(again.J, ours.J), 1e-5);
  }
}

}  // namespace
}  // namespace denoscope
