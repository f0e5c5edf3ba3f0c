#include "denoscope/denoise/model_description.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

// What must come back: the options and the table that they make.
void ExpectSame(const ModelDescription& a, const ModelDescription& b) {
  EXPECT_EQ(a.Options(), b.Options());
  EXPECT_EQ(a.Text(), b.Text());
  EXPECT_EQ(a.Table().Parameters(), b.Table().Parameters());
}

TEST(ModelPreset, OfEveryKindAndSizeComesBackFromJson) {
  for (const ModelKind& kind : ModelKinds())
    for (const std::string& size : ModelSizes()) {
      SCOPED_TRACE(kind.name + " " + size);
      ModelDescription d = ModelPreset(kind.name, size);
      d.FitTo({3, 8, 16});
      ExpectSame(DescriptionFromJson(DescriptionJson(d, 7), "model.json"), d);
      EXPECT_EQ(d.Table().OutputChannels(), 3);
    }
}

TEST(ModelPreset, OfEveryKindGoesIntoAFolderAndAFileAndBack) {
  const torch::NoGradGuard no_gradient;
  const TempDir temp;
  for (const ModelKind& kind : ModelKinds()) {
    SCOPED_TRACE(kind.name);
    const ModelDescription d = TinyDescription(kind.name, 3);
    const auto before = TinyDenoiser(d);
    SaveModel(temp.Path(kind.name), d, *before->Wrapped());
    const LoadedModel folder = LoadModel(temp.Path(kind.name));
    ExportSafetensors(folder, temp.Path("one.safetensors"));
    const LoadedModel file = LoadModelFile(temp.Path("one.safetensors"), {});
    ExpectSame(file.description, d);
    torch::manual_seed(3);
    const torch::Tensor y = torch::rand({2, 3, 12, 8});
    EXPECT_TRUE(torch::equal(folder.denoiser->Denoise(y, 0.3), before->Denoise(y, 0.3)));
    EXPECT_TRUE(torch::equal(file.denoiser->Denoise(y, 0.3), before->Denoise(y, 0.3)));
  }
}

// What each kind is for: its traits as a denoiser.
TEST(ModelPreset, IsWhatItSays) {
  const auto traits = [](const char* kind) {
    return TinyDenoiser(TinyDescription(kind))->Traits();
  };
  for (const char* kind : {"conditioned", "attention"}) {
    EXPECT_TRUE(traits(kind).conditioned) << kind;
    EXPECT_EQ(ModelPreset(kind).parameterisation.prediction, Prediction::kEdm) << kind;
  }
  for (const char* kind : {"blind", "blind-batchnorm", "dncnn", "linear"})
    EXPECT_FALSE(traits(kind).conditioned) << kind;
  for (const char* kind : {"blind", "blind-batchnorm"})
    EXPECT_TRUE(traits(kind).homogeneous) << kind;
  for (const char* kind : {"conditioned", "attention", "dncnn", "linear"})
    EXPECT_FALSE(traits(kind).homogeneous) << kind;
  EXPECT_FALSE(traits("attention").receptive_field.has_value());
  EXPECT_FALSE(traits("linear").receptive_field.has_value());
  EXPECT_EQ(traits("dncnn").receptive_field, 9);
  ASSERT_TRUE(traits("linear").fixed_shape.has_value());
  EXPECT_EQ(traits("linear").fixed_shape->H, 12);
  EXPECT_EQ(traits("linear").fixed_shape->W, 8);
}

TEST(ModelPreset, OfAnUnknownNameListsTheKnown) {
  ExpectError([] { ModelPreset("swinir"); }, {"'swinir'", "conditioned, blind, attention"});
  ExpectError([] { ModelPreset("blind", "huge"); }, {"size 'huge'", "tiny, small, base"});
}

}  // namespace
}  // namespace denoscope
