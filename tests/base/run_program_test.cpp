#include "denoscope/base/run_program.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

TEST(RunProgram, RunsInAFolderAndKeepsWhatWasSaid) {
  const TempDir folder;
  const ProgramOutcome outcome =
      RunProgram({"sh", "-c", "pwd; echo $1 >&2; cat", "sh", "a b'$HOME"}, folder.Path());
  EXPECT_TRUE(outcome.started);
  EXPECT_EQ(outcome.status, 0);
  const std::string here = std::filesystem::canonical(folder.Path()).string();
  EXPECT_EQ(outcome.output, here + "\na b'$HOME\n");  // and cat found no input
}

TEST(RunProgram, TellsFailureFromAbsence) {
  const TempDir folder;
  const ProgramOutcome failed = RunProgram({"sh", "-c", "echo why; exit 3"}, folder.Path());
  EXPECT_TRUE(failed.started);
  EXPECT_NE(failed.status, 0);
  EXPECT_EQ(failed.output, "why\n");
  EXPECT_FALSE(RunProgram({"no-program-of-this-name"}, folder.Path()).started);
}

}  // namespace
}  // namespace denoscope
