// A figure as a gnuplot script with its data beside the pictures that it makes.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/report/plots/canvas.h"

namespace denoscope {

struct Drawing {
  std::string name;              // of NAME.png, NAME.svg and NAME.gp
  double width = 0, height = 0;  // pixels of the screen; on paper wider ones are made smaller
  std::string commands;          // with terminal, output and a plain style already set
  std::vector<std::pair<std::string, Table>> data;  // file name beside the script, content
};

// Writes the data and the script, runs gnuplot in the folder for the PNG and the SVG at once, and
// returns the path of the PNG. Each appears whole or not at all. Throws when gnuplot is missing or
// says that something is wrong.
std::filesystem::path Draw(const Canvas& canvas, const Drawing& drawing);

// Commands for a logarithmic x axis of noise levels from `low` to `high`.
std::string SigmaAxis(double low, double high);

// What shows `text` as it is, whatever characters it holds, within single quotes.
std::string Plain(const std::string& text);
// The same as a gnuplot string.
std::string Quoted(const std::string& text);

}  // namespace denoscope
