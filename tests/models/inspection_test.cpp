#include "denoscope/models/inspection.h"

#include <gtest/gtest.h>

#include "denoscope/training/validation.h"

namespace denoscope {
namespace {

TEST(Inspection, JudgesAtLevelsOfReferenceThatItWasTrainedOn) {
  DenoiserTraits traits;
  EXPECT_EQ(SigmasToJudgeAt(traits), ReferenceSigmas());
  traits.trained_sigmas = SigmaRange{0.15, 0.6};
  EXPECT_EQ(SigmasToJudgeAt(traits), (std::vector<double>{0.2, 0.3, 0.5}));
  traits.trained_sigmas = SigmaRange{0.11, 0.12};
  EXPECT_EQ(SigmasToJudgeAt(traits), (std::vector<double>{0.11, 0.12}));
}

}  // namespace
}  // namespace denoscope
