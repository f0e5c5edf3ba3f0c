#include "denoscope/base/censoring.h"

#include <gtest/gtest.h>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

TEST(Censoring, NamesGoThereAndBack) {
  const auto all = {Censoring::kNone,
                    Censoring::kBelow,
                    Censoring::kAbove,
                    Censoring::kNoCrossing,
                    Censoring::kNotComputed};
  for (const Censoring c : all) EXPECT_EQ(FromName<Censoring>(NameOf(c)), c);
  EXPECT_EQ(NameOf(Censoring::kNoCrossing), "no_crossing");
  EXPECT_THROW(FromName<Censoring>("None"), Error);
}

}  // namespace
}  // namespace denoscope
