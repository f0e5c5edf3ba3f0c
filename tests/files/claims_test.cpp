#include "denoscope/files/claims.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

// A process that does `work`, says so and waits to be killed.
class OtherProgram {
 public:
  explicit OtherProgram(const std::function<void()>& work) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    child_ = ::fork();
    if (child_ == 0) {
      work();
      if (::write(ready[1], "x", 1) != 1) ::_exit(1);
      ::pause();
    }
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~OtherProgram() { Kill(); }
  void Kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }

 private:
  pid_t child_ = 0;
};

TEST(Claims, EachNameIsHeldByOneAtATime) {
  const TempDir folder;
  const Claims first(folder.Path("claims")), second(folder.Path("claims"));
  Claims::Claim a = first.Try("a");
  EXPECT_TRUE(a);
  EXPECT_FALSE(second.Try("a"));
  EXPECT_FALSE(first.Try("a")) << "twice by one program is twice, too";
  EXPECT_TRUE(second.Try("b"));
  a = {};
  EXPECT_TRUE(second.Try("a"));
  EXPECT_EQ(fs::file_size(folder.Path("claims")), 0u);
}

TEST(Claims, AreGivenUpByAProgramThatIsKilled) {
  const TempDir folder;
  const fs::path file = folder.Path("claims");
  OtherProgram other([&] {
    static const Claims claims(file);
    static const Claims::Claim claim = claims.Try("a");
  });
  const Claims ours(file);
  EXPECT_FALSE(ours.Try("a"));
  EXPECT_FALSE(ours.Alone());
  EXPECT_TRUE(ours.Try("b"));
  other.Kill();
  EXPECT_TRUE(ours.Try("a"));
  EXPECT_TRUE(ours.Alone());
}

TEST(Claims, WhoWaitsGetsItWhenItIsFree) {
  const TempDir folder;
  const Claims claims(folder.Path("claims"));
  Claims::Claim held = claims.Try("a");
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    held = {};
  });
  EXPECT_TRUE(claims.Wait("a"));
  other.join();
}

TEST(Claims, OfManyProgramsOneGetsEach) {
  constexpr int kPrograms = 4, kNames = 200;
  const TempDir folder;
  for (int program = 0; program < kPrograms; ++program)
    if (::fork() == 0) {
      const Claims claims(folder.Path("claims"));
      for (int i = 0; i < kNames; ++i) {
        const std::string name = std::to_string(i);
        // A mark is made and removed by its holder alone: two holders would collide.
        const Claims::Claim claim = claims.Wait(name);
        const fs::path mark = folder.Path("mark-" + name);
        if (!fs::create_directory(mark) || !fs::remove(mark)) ::_exit(1);
      }
      ::_exit(0);
    }
  for (int program = 0; program < kPrograms; ++program) {
    int status = 0;
    ::wait(&status);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

TEST(Claims, AFileThatCannotBeIsNamed) {
  ExpectError([] { Claims("/nowhere/at/all"); }, {"/nowhere/at/all", "cannot be opened"});
}

}  // namespace
}  // namespace denoscope
