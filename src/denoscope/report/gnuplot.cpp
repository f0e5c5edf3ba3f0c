#include "denoscope/report/gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

std::string Script(const Drawing& drawing) {
  return fmt::format(R"(# Makes {0}.png again: run `gnuplot {0}.gp` in this folder.
if (!exists("picture")) picture = '{0}.png'
set terminal pngcairo enhanced size {1},{2} font 'DejaVu Sans,17' linewidth 2
set encoding utf8
set output picture
set datafile separator comma
set border 3 lc rgb '#404040' lw 0.7
set tics nomirror out scale 0.7
set grid lc rgb '#dadada' lw 0.5 dt 1
set errorbars 0
set key noautotitle samplen 2.2 spacing 1.15 font ',15'
{3}unset output
)",
                     drawing.name,
                     drawing.width,
                     drawing.height,
                     drawing.commands);
}

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

struct Outcome {
  int status = 0;
  std::string output;
};

// Names reach gnuplot as arguments, never through a shell.
Outcome RunGnuplot(const fs::path& folder, const std::string& script, const std::string& picture) {
  std::string assignment = "picture = '" + picture + "'", file = script;
  std::string program = "gnuplot", plain = "-d", expression = "-e";  // -d: no start-up files
  std::array<char*, 6> arguments = {
      program.data(), plain.data(), expression.data(), assignment.data(), file.data(), nullptr};
  std::array<int, 2> pipe = {};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    throw Error("figures: no pipe to gnuplot: {}", std::strerror(errno));
  pid_t child = 0;
  const SpawnActions actions(folder, pipe[1]);
  const int failed =
      ::posix_spawnp(&child, "gnuplot", actions.Get(), nullptr, arguments.data(), environ);
  ::close(pipe[1]);
  Outcome outcome;
  if (failed == 0) outcome.output = ReadToEnd(pipe[0]);
  ::close(pipe[0]);
  if (failed == ENOENT) throw Error("figures: gnuplot is not installed, install gnuplot-nox");
  if (failed != 0) throw Error("figures: gnuplot cannot be started: {}", std::strerror(failed));
  while (::waitpid(child, &outcome.status, 0) < 0 && errno == EINTR) {
  }
  return outcome;
}

}  // namespace

fs::path Draw(const fs::path& folder, const Drawing& drawing) {
  for (const auto& [name, table] : drawing.data) WriteCsv(folder / name, table);
  const std::string script = drawing.name + ".gp";
  WriteFile(folder / script, Script(drawing));
  fs::path picture = folder / (drawing.name + ".png");
  const std::string temporary = fmt::format("{}.png.tmp-{}", drawing.name, ::getpid());
  const Outcome outcome = RunGnuplot(folder, script, temporary);
  if (outcome.status != 0) {
    fs::remove(folder / temporary);
    throw Error("figure '{}': gnuplot failed: {}", (folder / script).string(), outcome.output);
  }
  fs::rename(folder / temporary, picture);
  return picture;
}

std::string SigmaAxis(double low, double high) {
  constexpr double kRoom = 1.15;
  return fmt::format(
      "set logscale x\nset format x '%g'\nset xrange [{:.6g}:{:.6g}]\n"
      "set xlabel 'noise level σ (pixels in [0,1])'\n",
      low / kRoom,
      high * kRoom);
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'')
      quoted += "''";
    else if (std::strchr("_^{}@&~\\", c) != nullptr && c != '\0')
      quoted += std::string("\\") + c;
    else
      quoted += c == '`' || static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return quoted + "'";
}

}  // namespace denoscope
