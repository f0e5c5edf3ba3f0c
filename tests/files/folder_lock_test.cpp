#include "denoscope/files/folder_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

TEST(FolderLock, IsHeldByOneAtATimeAndLeavesNothing) {
  const TempDir folder;
  const std::filesystem::path path = folder.Path("work");
  std::filesystem::create_directory(path);
  auto lock = std::make_unique<FolderLock>(path, "training");
  ExpectError([&] { FolderLock(path, "training"); },
              {"training: another program is at work in", path.string()});
  lock.reset();
  FolderLock again(path, "training");
  EXPECT_TRUE(std::filesystem::is_empty(path));
}

TEST(FolderLock, IsGivenUpByAProgramThatIsKilled) {
  const TempDir folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FolderLock lock(folder.Path(""), "training");
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ExpectError([&] { FolderLock(folder.Path(""), "training"); }, {"another program"});
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  FolderLock lock(folder.Path(""), "training");
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FolderLock, AFolderThatIsNotThereIsNamed) {
  ExpectError([] { FolderLock("/nowhere/at/all", "training"); },
              {"training", "/nowhere/at/all", "cannot be opened"});
}

}  // namespace
}  // namespace denoscope
