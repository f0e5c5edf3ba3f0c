#include "denoscope/report/plots/gnuplot.h"

#include <unistd.h>

#include <cstring>
#include <future>
#include <regex>

#include "denoscope/base/error.h"
#include "denoscope/base/run_program.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/report/plots/palette.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

// Within a gnuplot string: size of the SVG as it is read, markers as large as in the PNG (which the
// terminal cannot set), squares for pixels, and letters of the same width where there is no DejaVu.
std::string SvgFilter(const Canvas& canvas, const Drawing& drawing) {
  const double scale = canvas.OnPaper() ? canvas.millimetres / drawing.width : 1;
  return fmt::format(
      R"(sed -e 's/^ width=.*/ width=\"{0:.6g}{2}\" height=\"{1:.6g}{2}\"/')"
      R"( -e 's/stroke-width=.0.157./stroke-width=\"0.55\" transform=\"scale(0.47)\"/')"
      R"( -e 's/<image /<image style=\"image-rendering:pixelated\" /')"
      R"( -e 's/\"DejaVu Sans\"/\"DejaVu Sans, Verdana, sans-serif\"/g')",
      scale * drawing.width,
      scale * drawing.height,
      canvas.OnPaper() ? "mm" : "");
}

std::string Terminals(const Canvas& canvas, const Drawing& drawing) {
  const double dots = canvas.Dots() * canvas.Wide(drawing.width) / drawing.width;
  return fmt::format(R"(if (picture[strlen(picture)-3:*] eq '.svg') {{
  set terminal svg enhanced size {0:.0f},{1:.0f} font 'DejaVu Sans,17' fontscale {2:.5g} linewidth 2 dashlength 0.5 background '#ffffff'
  filter = "{3}"
  set output '| '.filter." > '".picture."'"
}} else {{
  set terminal pngcairo enhanced size {4:.0f},{5:.0f} font 'DejaVu Sans,17' fontscale {6:.5g} linewidth {7:.5g} pointscale {6:.5g}
  set output picture
}}
)",
                     drawing.width,
                     drawing.height,
                     96.0 / 72,
                     SvgFilter(canvas, drawing),
                     dots * drawing.width,
                     dots * drawing.height,
                     dots,
                     2 * dots);
}

// On paper letters smaller than 7.5 pt become as large as that.
std::string Readable(const Canvas& canvas, const std::string& script) {
  static const std::regex small("font ',1[0-5]'");
  return canvas.OnPaper() ? std::regex_replace(script, small, "font ',16'") : script;
}

std::string Script(const Canvas& canvas, const Drawing& drawing) {
  return fmt::format(R"(# Makes {0}.png again: run `gnuplot {0}.gp` in this folder,
# and the SVG: gnuplot -e "picture = '{0}.svg'" {0}.gp
if (!exists("picture")) picture = '{0}.png'
set encoding utf8
{1}set datafile separator comma
set border 3 )" + Rgb(kGrey25) +
                         R"( lw 0.7
set tics nomirror out scale 0.7
set grid )" + Rgb(kGridColour) +
                         R"( lw 0.5 dt 1
set errorbars 0
set key noautotitle samplen 2.2 spacing 1.15 font ',15'
{2}unset output
)",
                     drawing.name,
                     Terminals(canvas, drawing),
                     drawing.commands);
}

fs::path Render(const fs::path& folder, const std::string& name, const std::string& ending) {
  const std::string script = name + ".gp";
  const std::string temporary = fmt::format("{}.tmp-{}{}", name, ::getpid(), ending);
  // -d: no start-up files.
  const ProgramOutcome outcome =
      RunProgram({"gnuplot", "-d", "-e", "picture = '" + temporary + "'", script}, folder);
  if (!outcome.started) throw Error("figures: gnuplot is not installed, install gnuplot-nox");
  if (outcome.status != 0) {
    fs::remove(folder / temporary);
    throw Error("figure '{}': gnuplot failed: {}", (folder / script).string(), outcome.output);
  }
  fs::path picture = folder / (name + ending);
  fs::rename(folder / temporary, picture);
  return picture;
}

}  // namespace

fs::path Draw(const Canvas& canvas, const Drawing& drawing) {
  const fs::path& folder = canvas.folder;
  for (const auto& [name, table] : drawing.data) WriteCsv(folder / name, table);
  WriteFile(folder / (drawing.name + ".gp"), Readable(canvas, Script(canvas, drawing)));
  std::future<fs::path> svg =
      std::async(std::launch::async, [&] { return Render(folder, drawing.name, ".svg"); });
  fs::path picture = Render(folder, drawing.name, ".png");
  svg.get();
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

std::string Plain(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c == '\'')
      plain += "''";
    else if (std::strchr("_^{}@&~\\", c) != nullptr && c != '\0')
      plain += std::string("\\") + c;
    else
      plain += c == '`' || static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return plain;
}

std::string Quoted(const std::string& text) { return "'" + Plain(text) + "'"; }

}  // namespace denoscope
