// Of a comparison: what the denoisers make of the same noisy image.
#pragma once

#include <optional>
#include <vector>

#include "denoscope/report/compare/comparison_run.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

// Nothing where the runs share no cell.
std::optional<Figure> SideBySideSheet(const std::vector<RunBeside>& runs,
                                      const Comparison& comparison,
                                      const Canvas& canvas);
std::optional<Figure> SideBySideSpectra(const std::vector<RunBeside>& runs,
                                        const Comparison& comparison,
                                        const Canvas& canvas);

}  // namespace denoscope
