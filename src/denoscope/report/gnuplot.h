// Curves as a gnuplot script with its data beside the picture that it makes.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/files/csv.h"

namespace denoscope {

struct Drawing {
  std::string name;  // of NAME.png and NAME.gp
  int width = 1400, height = 900;
  std::string commands;  // with terminal, output and a plain style already set
  std::vector<std::pair<std::string, Table>> data;  // file name beside the script, content
};

// Writes the data and the script, runs gnuplot in `folder` and returns the path of the picture,
// which appears whole or not at all. Throws when gnuplot is missing or says that something is
// wrong.
std::filesystem::path Draw(const std::filesystem::path& folder, const Drawing& drawing);

// Commands for a logarithmic x axis of noise levels from `low` to `high`.
std::string SigmaAxis(double low, double high);

// A gnuplot string that shows `text` as it is, whatever characters it holds.
std::string Quoted(const std::string& text);

}  // namespace denoscope
