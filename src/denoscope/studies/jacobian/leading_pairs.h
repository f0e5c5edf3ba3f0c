// What products with a Jacobian alone show of it: leading eigenpairs of sym(J), singular triplets
// of J, and by random vectors its trace, diagonal and spectral density.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "denoscope/arrays/array.h"
#include "denoscope/linalg/block_krylov.h"
#include "tools/command.h"

namespace denoscope {

struct LeadingArguments {
  std::int64_t count = 0;   // pairs; 0: none are asked for
  std::int64_t probes = 0;  // random vectors; 0: none
};

// Adds --top and --probes.
void AddLeadingFlags(CLI::App& command, LeadingArguments& arguments);

KrylovOptions KrylovOptionsOf(const LeadingArguments& arguments, const SharedFlags& flags);

// Writes the NPZ file `out` and prints; of several ranks, whose products these are, the first one.
// Ends what the ranks do together. image: (C,H,W).
void RunLeading(const LeadingArguments& arguments,
                const LinearOperator& J,
                const Shape& image,
                const std::string& out,
                const SharedFlags& flags);

}  // namespace denoscope
