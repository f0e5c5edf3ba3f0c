// A run folder as one document: all that its page shows, whatever state the folder is in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/files/json.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

struct PageInput {
  std::filesystem::path run;
  std::vector<Figure> figures;     // as MakeFigures returned them
  std::string findings;            // as Findings returned them
  std::vector<std::string> notes;  // what a reader should know before the findings
};

// "kind", "title", "status", "notes", "findings", "facts" (pairs of texts), "command", "tables",
// and, each null where the run has none: "cells", "modes", "paths" (see page_cells.h and the like).
// Throws only where there is no such folder: what is missing or broken is told in "notes".
Json PageData(const PageInput& input);

}  // namespace denoscope
