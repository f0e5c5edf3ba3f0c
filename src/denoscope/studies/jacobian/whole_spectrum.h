// All eigenvalues and eigenvectors of sym(J) = (J + J^T)/2, of a J that lies in a file: by LAPACK
// in one process, by ELPA on the ranks of a job, none of which holds J.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "denoscope/files/json.h"
#include "tools/command.h"

namespace denoscope {

struct SpectrumArguments {
  std::string values, vectors;  // NPY files to write; empty: not asked for
};

// Adds --spectrum and --eigenvectors.
void AddSpectrumFlags(CLI::App& command, SpectrumArguments& arguments);
// Throws UsageError or, where a file is in the way, Error.
void CheckSpectrumFlags(const SpectrumArguments& arguments, const SharedFlags& flags);

struct SpectrumReport {
  Json json;
  std::string text;  // one line for each file
};
// Writes the files. Every rank calls; what goes wrong on one is thrown on all.
SpectrumReport WriteSpectrum(const std::filesystem::path& matrix,
                             const SpectrumArguments& arguments);

}  // namespace denoscope
