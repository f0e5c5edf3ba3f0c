// One cell for the terminal: its scalars and a small spectrum, the denoiser beside Wiener's.
#pragma once

#include <string>

#include "denoscope/files/json.h"
#include "denoscope/results/records.h"

namespace denoscope {

// Lines of at most 80 columns. Eigenvalues of sym(J) at k = 0, 1, 2, 5, 10, 20, .. and the last, as
// bars from 0 on one scale; `|` is the Wiener denoiser's.
std::string CellText(const Cell& cell);
// "image", "sigma", "draw", "shape" (C,H,W); "denoiser", and "wiener" where the cell has it: every
// scalar by its name, null where it was not computed, and "eigenvalues" of sym(J), (d), descending.
Json CellJson(const Cell& cell);

}  // namespace denoscope
