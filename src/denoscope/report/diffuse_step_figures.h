// Figures of a diffuse study by step: what each process does to the states.
#pragma once

#include <filesystem>

#include "denoscope/report/diffuse_run.h"
#include "denoscope/report/figures.h"

namespace denoscope {

Figure CosineFigure(const DiffuseRun& run, const std::filesystem::path& folder);
Figure RatiosFigure(const DiffuseRun& run, const std::filesystem::path& folder);
Figure DiversityFigure(const DiffuseRun& run, const std::filesystem::path& folder);
Figure SchedulesFigure(const DiffuseRun& run, const std::filesystem::path& folder);
Figure OutputSpectraFigure(const DiffuseRun& run, const std::filesystem::path& folder);
// Why each process has collapsed, in parts that add up.
Figure CollapseFigure(const DiffuseRun& run, const std::filesystem::path& folder);

}  // namespace denoscope
