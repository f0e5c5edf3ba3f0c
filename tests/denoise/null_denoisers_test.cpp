#include "denoscope/denoise/null_denoisers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "denoscope/denoise/script_network.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

torch::Tensor Image() {
  torch::manual_seed(1);
  return torch::rand({2, 1, 12, 8});
}

TEST(NullDenoisers, ReturnWhatTheySay) {
  const auto denoiser = TinyDenoiser(TinyDescription("conditioned"));
  const std::vector<NullDenoiser> nulls = MakeNullDenoisers(*denoiser, 1);
  ASSERT_EQ(nulls.size(), 3u);
  const torch::NoGradGuard no_gradient;
  EXPECT_EQ(nulls[0].name, "identity");
  EXPECT_TRUE(torch::equal(nulls[0].denoiser->Denoise(Image(), 0.1), Image()));
  EXPECT_EQ(nulls[1].name, "zero");
  EXPECT_EQ(nulls[1].denoiser->Denoise(Image(), 0.1).abs().max().item<double>(), 0);
}

// As a table and as TorchScript: the same entries in another order, so another map.
TEST(NullDenoisers, ShufflesEveryTensorOfANetwork) {
  const TempDir folder;
  const auto table = TinyDenoiser(TinyDescription("conditioned"));
  ExportTorchScript(*table, folder.Path("net.pt"));
  const auto network = LoadScriptNetwork(folder.Path("net.pt"));
  Parameterisation reading;
  reading.sigma_input = SigmaInput::kScalar;
  const NetworkDenoiser script("script", network, reading, std::nullopt);
  const torch::NoGradGuard no_gradient;
  for (const NetworkDenoiser* denoiser :
       {static_cast<const NetworkDenoiser*>(table.get()), &script}) {
    const std::vector<NullDenoiser> nulls = MakeNullDenoisers(*denoiser, 1);
    ASSERT_EQ(nulls.size(), 3u);
    const auto& shuffled = dynamic_cast<const NetworkDenoiser&>(*nulls[2].denoiser);
    const auto before = denoiser->Wrapped()->Weights(), after = shuffled.Wrapped()->Weights();
    ASSERT_EQ(after.size(), before.size());
    for (const auto& [name, array] : before) {
      std::vector<double> a = array.AsDoubles(), b = after.at(name).AsDoubles();
      EXPECT_EQ(after.at(name).shape, array.shape);
      std::sort(a.begin(), a.end());
      std::sort(b.begin(), b.end());
      EXPECT_EQ(a, b) << name;
    }
    EXPECT_FALSE(torch::allclose(shuffled.Denoise(Image(), 0.1), denoiser->Denoise(Image(), 0.1)));
  }
}

TEST(NullDenoisers, TheSameForTheSameSeed) {
  const auto denoiser = TinyDenoiser(TinyDescription("blind"));
  const auto first = [&](std::uint64_t seed) {
    const torch::NoGradGuard no_gradient;
    return MakeNullDenoisers(*denoiser, seed)[2].denoiser->Denoise(Image(), 0.1);
  };
  EXPECT_TRUE(torch::equal(first(1), first(1)));
  EXPECT_FALSE(torch::equal(first(1), first(2)));
}

}  // namespace
}  // namespace denoscope
