#include "denoscope/data/data_spec.h"

#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

TEST(DataSpec, IsASourceWithOptionsAndASuffix) {
  const DataSpec plain = ParseDataSpec("mnist");
  EXPECT_EQ(plain.source, "mnist");
  EXPECT_TRUE(plain.options.empty());
  EXPECT_FALSE(plain.reversed);
  const DataSpec spec = ParseDataSpec("photos:gray,size=16:reversed");
  EXPECT_EQ(spec.text, "photos:gray,size=16:reversed");
  EXPECT_EQ(spec.source, "photos");
  EXPECT_EQ(spec.options, (std::map<std::string, std::string>{{"gray", ""}, {"size", "16"}}));
  EXPECT_TRUE(spec.reversed);
  EXPECT_TRUE(ParseDataSpec("mnist:reversed").options.empty());
}

TEST(DataSpec, APathMayHoldColons) {
  const TempDir folder;
  const std::string path = folder.Path("a:b=1:reversed").string();
  WriteFile(path, "x");
  EXPECT_EQ(ParseDataSpec(path).source, path);
  EXPECT_FALSE(ParseDataSpec(path).reversed);
  const DataSpec spec = ParseDataSpec(path + ":size=8:reversed");
  EXPECT_EQ(spec.source, path);
  EXPECT_EQ(spec.options.at("size"), "8");
  EXPECT_TRUE(spec.reversed);
}

TEST(DataSpec, RefusesWhatIsNoSpec) {
  ExpectError([] { ParseDataSpec(""); }, {"expected a name or a path"});
  ExpectError([] { ParseDataSpec(":size=3"); }, {"':size=3'", "expected a name or a path"});
  ExpectError([] { ParseDataSpec("discs:"); }, {"'discs:'", "NAME=VALUE", "found ''"});
  ExpectError([] { ParseDataSpec("discs:=3"); }, {"NAME=VALUE", "found '=3'"});
  ExpectError([] { ParseDataSpec("discs:size="); }, {"option 'size'", "expected a value"});
  ExpectError([] { ParseDataSpec("discs:size=8,size=9"); }, {"option 'size'", "found twice"});
}

TEST(SpecOptions, ReadsValuesOrDefaultsAndRecordsThem) {
  SpecOptions options(ParseDataSpec("x:n=7,a=0.25,list=3+2.5,on"));
  EXPECT_EQ(options.Integer("n", 1, 0, 10), 7);
  EXPECT_EQ(options.Integer("m", 4, 0, 10), 4);
  EXPECT_EQ(options.Number("a", 1, 0, 1), 0.25);
  EXPECT_EQ(options.Numbers("list", {1}, 0, 9), (std::vector<double>{3, 2.5}));
  EXPECT_TRUE(options.Flag("on"));
  EXPECT_FALSE(options.Flag("off"));
  EXPECT_EQ(options.Canonical(), "n=7,m=4,a=0.25,list=3+2.5,on");
  options.Finish();
}

TEST(SpecOptions, NamesSetAndOptionOfABadValue) {
  SpecOptions options(ParseDataSpec("x:n=7.5,m=11,a=inf,b=nan,list=1++2,on=1,bare"));
  ExpectError([&] { options.Integer("n", 1, 0, 10); },
              {"'x:n=7.5,", "option 'n'", "integer from 0 to 10", "found '7.5'"});
  ExpectError([&] { options.Integer("m", 1, 0, 10); }, {"option 'm'", "found '11'"});
  ExpectError([&] { options.Number("a", 1, 0, 1); }, {"number from 0 to 1", "found 'inf'"});
  ExpectError([&] { options.Number("b", 1, 0, 1); }, {"found 'nan'"});
  ExpectError([&] { options.Numbers("list", {}, 0, 9); }, {"option 'list'", "found ''"});
  ExpectError([&] { options.Flag("on"); }, {"option 'on'", "no value", "found '1'"});
  ExpectError([&] { options.Integer("bare", 1, 0, 10); }, {"option 'bare'", "found ''"});
}

TEST(SpecOptions, NamesAnOptionThatNobodyKnows) {
  SpecOptions options(ParseDataSpec("x:n=7,wrong=1"));
  options.Integer("n", 1, 0, 10);
  options.Flag("gray");
  ExpectError([&] { options.Finish(); }, {"option 'wrong'", "unknown", "'x' takes n, gray"});
  ExpectError([] { SpecOptions(ParseDataSpec("mnist:n=7")).Finish(); }, {"'mnist' takes none"});
}

}  // namespace
}  // namespace denoscope
