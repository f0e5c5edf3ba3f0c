#include "denoscope/runs/study_run.h"

#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <type_traits>

#include "denoscope/studies/diffuse/diffuse_options.h"
#include "denoscope/studies/pca/pca_options.h"
#include "denoscope/studies/posterior/posterior_options.h"
#include "denoscope/studies/sample/sample_options.h"
#include "denoscope/studies/spiked/spiked_options.h"
#include "denoscope/studies/sweep/sweep_options.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

// Calls use(name, value) of every option, those of options within options too.
template <typename Options, typename Use>
void EachLeaf(Options& options, const std::string& prefix, const Use& use) {
  const auto visit = [&](const char* name, auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_enum_v<Value> || std::is_constructible_v<Json, Value>)
      use(prefix + name, value);
    else
      EachLeaf(value, prefix + name + ".", use);
  };
  EachOption(options, OptionVisit{visit});
}

template <typename Options>
std::vector<std::string> OptionNames() {
  Options options;
  std::vector<std::string> names;
  EachLeaf(options, "", [&](const std::string& name, const auto&) { names.push_back(name); });
  return names;
}

template <typename Value>
void Change(std::vector<Value>& values) {
  values.push_back(values.empty() ? 1 : values.back() + 1);
}

template <typename Value>
void Change(Value& value) {
  if constexpr (std::is_enum_v<Value>) {
    const auto& names = EnumNames<Value>::kNames;
    value = value == names[0].value ? names[1].value : names[0].value;
  } else if constexpr (std::is_same_v<Value, bool>) {
    value = !value;
  } else {
    value += 1;
  }
}

template <typename Options>
Options WithChanged(const std::string& wanted) {
  Options options;
  EachLeaf(options, "", [&](const std::string& name, auto& value) {
    if (name == wanted) Change(value);
  });
  return options;
}

template <typename Options>
class EveryOption : public testing::Test {};
using AllOptions = testing::Types<SweepOptions,
                                  SampleOptions,
                                  PosteriorOptions,
                                  PcaStudyOptions,
                                  DiffuseStudyOptions,
                                  SpikedStudyOptions>;
struct OptionsName {
  template <typename Options>
  static std::string GetName(int index) {
    return std::vector<std::string>{"Sweep",
                                    "Sample",
                                    "Posterior",
                                    "Pca",
                                    "Diffuse",
                                    "Spiked"}[static_cast<std::size_t>(index)];
  }
};
TYPED_TEST_SUITE(EveryOption, AllOptions, OptionsName);

// The engine of a Jacobian and rho of a schedule were missing once: a run went on with others.
TYPED_TEST(EveryOption, DecidesWhichRunItIs) {
  const TempDir folder;
  const auto begin = [&](const TypeParam& options) {
    StudyRun({"study", StudyIdentity(options, {}), {}}, {folder.Path("run")});
  };
  begin(TypeParam());
  begin(TypeParam());  // goes on
  const std::vector<std::string> names = OptionNames<TypeParam>();
  ASSERT_GE(names.size(), 6u);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    ExpectError([&] { begin(WithChanged<TypeParam>(name)); }, {"was made with", name + " = "});
  }
}

TYPED_TEST(EveryOption, ComesBackFromItsJson) {
  std::set<Json> all;
  for (const std::string& name : OptionNames<TypeParam>()) {
    const Json json = OptionsToJson(WithChanged<TypeParam>(name));
    EXPECT_EQ(OptionsToJson(OptionsFromJson<TypeParam>(json, "run.json")), json) << name;
    EXPECT_TRUE(all.insert(json).second) << name;
  }
}

TYPED_TEST(EveryOption, ComesBackFromARun) {
  const TempDir folder;
  const auto options = WithChanged<TypeParam>("seed");
  StudyRun run({"study", StudyIdentity(options, {}), {}}, {folder.Path("run")});
  EXPECT_EQ(OptionsToJson(OptionsOf<TypeParam>(run.Folder())), OptionsToJson(options));
  Json identity = run.Folder().Manifest()["identity"];
  identity["options"].erase(identity["options"].begin());
  run.Folder().SetManifest("identity", identity);
  ExpectError([&] { OptionsOf<TypeParam>(run.Folder()); },
              {"run.json", "'" + OptionsToJson(options).begin().key() + "'"});
}

struct Anything {
  template <typename T>
  operator T() const;  // NOLINT(google-explicit-constructor)
};
template <typename T, typename Enable, typename... Values>
struct TakesInBraces : std::false_type {};
template <typename T, typename... Values>
struct TakesInBraces<T, std::void_t<decltype(T{Values()...})>, Values...> : std::true_type {};

template <typename T, typename... Values>
constexpr std::size_t MembersOf() {
  if constexpr (TakesInBraces<T, void, Values..., Anything>::value)
    return MembersOf<T, Values..., Anything>();
  else
    return sizeof...(Values);
}

struct Counting {
  std::size_t& visits;

  template <typename Value>
  void operator()(const char*, Value&) const {
    ++visits;
  }
  template <typename Value>
  void Within(Value&) const {
    ++visits;
  }
  template <typename Value>
  void Apart(const char*, Value&) const {
    ++visits;
  }
};

template <typename Options>
std::size_t VisitsOf() {
  Options options;
  std::size_t visits = 0;
  EachOption(options, Counting{visits});
  return visits;
}

template <typename Options>
void ExpectAllVisited() {
  EXPECT_EQ(VisitsOf<Options>(), MembersOf<Options>()) << OptionsToJson(Options());
}

struct OneForgotten {
  std::vector<double> sigmas;
  int rank = 3;
  ScheduleOptions schedule;
  bool fast = false;
};
template <typename Visit>
void EachOption(OneForgotten& o, const Visit& visit) {
  auto& [sigmas, rank, schedule, fast] = o;
  visit("sigmas", sigmas);
  visit.Within(schedule);
  visit.Apart("fast", fast);
}

// What the list of a struct leaves out is in no identity, and no test by that list can tell.
TYPED_TEST(EveryOption, IsInTheList) { ExpectAllVisited<TypeParam>(); }

TEST(OptionLists, HoldEveryMember) {
  ExpectAllVisited<SpectrumOptions>();
  ExpectAllVisited<EvaluationOptions>();
  ExpectAllVisited<JacobianOptions>();
  ExpectAllVisited<ScheduleOptions>();
  EXPECT_EQ(MembersOf<OneForgotten>(), 4u);
  EXPECT_EQ(VisitsOf<OneForgotten>(), 3u);
}

TEST(StudyIdentity, LeavesOutHowTheWorkIsShared) {
  SweepOptions shard;
  shard.shard = 1;
  shard.shards = 3;
  EXPECT_EQ(StudyIdentity(shard, {}), StudyIdentity(SweepOptions(), {}));
  DiffuseStudyOptions threads;
  threads.threads = 4;
  EXPECT_EQ(StudyIdentity(threads, {}), StudyIdentity(DiffuseStudyOptions(), {}));
}

TEST(StudyIdentity, HoldsInputsBesideTheOptions) {
  const Json identity = StudyIdentity(PcaStudyOptions(), {{"data", "d"}});
  EXPECT_EQ(identity["seed"], 0);
  EXPECT_EQ(identity["data"], "d");
  EXPECT_EQ(identity["options"]["draws"], 5);
  EXPECT_FALSE(identity["options"].contains("seed"));
}

}  // namespace
}  // namespace denoscope
