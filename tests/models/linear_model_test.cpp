#include "denoscope/models/linear_model.h"

#include <gtest/gtest.h>

#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/measure/pca_reference.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_images.h"

namespace denoscope {
namespace {

constexpr ImageShape kShape = {1, 8, 8};
constexpr std::int64_t kImages = 40;

TrainingReference Reference() {
  TrainingReference reference;
  reference.images = TinyImages("train", kImages, kShape);
  reference.shape = kShape;
  reference.sha256 = reference.images->Sha256();
  reference.pca = std::make_shared<const Pca>(PcaOf(*reference.images));
  return reference;
}

TEST(LinearModel, SaysWhatItWasFittedTo) {
  struct Case {
    std::string name, full;
    std::int64_t n;
  };
  const TrainingReference reference = Reference();
  const std::vector<Case> cases = {{"linear:wiener", "linear:wiener", kImages},
                                   {"linear:wiener:12", "linear:wiener:12", 12},
                                   {"linear:projection:6", "linear:projection:6", kImages},
                                   {"linear:shrunk", "linear:shrunk:40", kImages},
                                   {"linear:shrunk:12", "linear:shrunk:12", 12},
                                   {"linear:empirical", "linear:empirical:40", kImages},
                                   {"linear:empirical:1", "linear:empirical:1", 1}};
  for (const Case& c : cases) {
    const OpenedModel model = OpenLinearModel(c.name, reference);
    EXPECT_EQ(model.denoiser->Traits().name, c.full);
    EXPECT_EQ(model.identity["name"], c.full);
    EXPECT_EQ(model.identity["sha256"], reference.sha256);
    EXPECT_EQ(model.identity["n"], c.n);
    EXPECT_EQ(model.identity.contains("rank"), c.name == "linear:projection:6");
    EXPECT_EQ(model.denoiser->Denoise(torch::rand({2, 1, 8, 8}), 0.1).size(0), 2);
  }
}

// Wiener's gains along the modes of the first images: the plug-in of theory/optimal/kappa.h.
TEST(LinearModel, WienerOfTheFirstImagesIsTheirs) {
  const TrainingReference reference = Reference();
  const torch::Tensor y = torch::rand({3, 1, 8, 8});
  const auto denoised = [&](const std::string& name) {
    return OpenLinearModel(name, reference).denoiser->Denoise(y, 0.3);
  };
  const auto pca = std::make_shared<const Pca>(PcaOf(reference.images->Subset(0, 12)));
  EXPECT_TRUE(
      torch::equal(denoised("linear:wiener:12"), MakeWienerDenoiser(pca, kShape)->Denoise(y, 0.3)));
  EXPECT_TRUE(torch::equal(denoised("linear:wiener:40"), denoised("linear:wiener")));
  EXPECT_FALSE(torch::equal(denoised("linear:wiener:12"), denoised("linear:wiener")));
}

// It remembers the first images and not the others.
TEST(LinearModel, OfTheFirstImagesKnowsThemAlone) {
  const TrainingReference reference = Reference();
  const OpenedModel model = OpenLinearModel("linear:empirical:12", reference);
  const torch::Tensor x = reference.images->Range(11, 13);
  const torch::Tensor D = model.denoiser->Denoise(x, 0.01);
  EXPECT_TRUE(torch::equal(D[0], x[0]));
  EXPECT_FALSE(torch::equal(D[1], x[1]));
}

TEST(LinearModel, RefusesNamesThatItDoesNotKnow) {
  const TrainingReference reference = Reference();
  for (const std::string name : {"linear:", "linear:mean", "linear:shrunken:4", "linear:Wiener"})
    EXPECT_THROW(
        {
          try {
            OpenLinearModel(name, reference);
          } catch (const UsageError& e) {
            for (const char* known :
                 {"linear:wiener", "linear:projection:R", "linear:shrunk", "linear:empirical"})
              EXPECT_NE(std::string(e.what()).find(known), std::string::npos) << e.what();
            EXPECT_EQ(std::string(e.what()).find("--model"), std::string::npos) << e.what();
            throw;
          }
        },
        UsageError)
        << name;
  for (const std::string name : {"linear:projection",
                                 "linear:projection:",
                                 "linear:projection:0",
                                 "linear:projection:1.5",
                                 "linear:wiener:",
                                 "linear:shrunk:-3",
                                 "linear:empirical:all",
                                 "linear:empirical:3:4"})
    EXPECT_THROW(OpenLinearModel(name, reference), UsageError) << name;
}

TEST(LinearModel, RefusesNumbersThatTheImagesDoNotAllow) {
  const TrainingReference reference = Reference();
  const auto refused = [&](const std::string& name, std::initializer_list<std::string> pieces) {
    ExpectError([&] { OpenLinearModel(name, reference); }, pieces);
  };
  // Tiny images vary along rows alone: 8 modes, fewer than 40 images allow.
  refused("linear:projection:9", {"rank is 9, expected 1 to 8"});
  refused("linear:empirical:41", {"'linear:empirical:41'", "1 to 40 images", "'tiny'", "found 41"});
  for (const std::string name : {"linear:shrunk:1", "linear:wiener:1"})
    refused(name, {"2 to 40 images", "found 1"});
  TrainingReference none;
  none.reason = "one photo, without a training split";
  ExpectError([&] { OpenLinearModel("linear:shrunk", none); },
              {"'linear:shrunk'", "one photo, without a training split"});
}

}  // namespace
}  // namespace denoscope
