#include "denoscope/base/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class SpawnActions {
 public:
  // In `folder`, without input, all output to `descriptor`.
  SpawnActions(const fs::path& folder, int descriptor) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, descriptor, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, descriptor, STDERR_FILENO);
  }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  const posix_spawn_file_actions_t* Get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_ = {};
};

std::string ReadToEnd(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer = {};
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
  }
}

}  // namespace

ProgramOutcome RunProgram(std::vector<std::string> command, const fs::path& folder) {
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  std::array<int, 2> pipe = {};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    throw Error("program '{}': no pipe: {}", command[0], std::strerror(errno));
  pid_t child = 0;
  const SpawnActions actions(folder, pipe[1]);
  const int failed =
      ::posix_spawnp(&child, arguments[0], actions.Get(), nullptr, arguments.data(), environ);
  ::close(pipe[1]);
  ProgramOutcome outcome;
  outcome.started = failed == 0;
  if (outcome.started) outcome.output = ReadToEnd(pipe[0]);
  ::close(pipe[0]);
  if (failed != 0 && failed != ENOENT)
    throw Error("program '{}': cannot be started: {}", command[0], std::strerror(failed));
  while (outcome.started && ::waitpid(child, &outcome.status, 0) < 0 && errno == EINTR) {
  }
  return outcome;
}

}  // namespace denoscope
