#include "denoscope/report/gnuplot.h"

#include <unistd.h>

#include <cstring>

#include "denoscope/base/error.h"
#include "denoscope/base/run_program.h"
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

}  // namespace

fs::path Draw(const fs::path& folder, const Drawing& drawing) {
  for (const auto& [name, table] : drawing.data) WriteCsv(folder / name, table);
  const std::string script = drawing.name + ".gp";
  WriteFile(folder / script, Script(drawing));
  fs::path picture = folder / (drawing.name + ".png");
  const std::string temporary = fmt::format("{}.png.tmp-{}", drawing.name, ::getpid());
  // -d: no start-up files.
  const ProgramOutcome outcome =
      RunProgram({"gnuplot", "-d", "-e", "picture = '" + temporary + "'", script}, folder);
  if (!outcome.started) throw Error("figures: gnuplot is not installed, install gnuplot-nox");
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
