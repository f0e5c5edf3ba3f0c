// Figures of learned bases in a diffuse study: partial operators and alignment.
#pragma once

#include <filesystem>

#include "denoscope/report/diffuse_run.h"
#include "denoscope/report/figures.h"

namespace denoscope {

Figure OperatorsFigure(const DiffuseRun& run, const std::filesystem::path& folder);  // heat maps
Figure DiagonalsFigure(const DiffuseRun& run, const std::filesystem::path& folder);
Figure BasesFigure(const DiffuseRun& run, const std::filesystem::path& folder);
Figure AssumptionFigure(const DiffuseRun& run, const std::filesystem::path& folder);

}  // namespace denoscope
