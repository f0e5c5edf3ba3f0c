// The commands of the program, one file each.
#pragma once

#include "tools/arguments/shared_flags.h"

namespace denoscope {

// Each adds one command to the program; the command's callback does the work and throws on failure.
void AddTrainCommand(CLI::App& program, SharedFlags& flags);
void AddEvaluateCommand(CLI::App& program, SharedFlags& flags);
void AddAnalyzeCommand(CLI::App& program, SharedFlags& flags);
void AddSampleCommand(CLI::App& program, SharedFlags& flags);
void AddJacobianCommand(CLI::App& program, SharedFlags& flags);
void AddDataCommand(CLI::App& program, SharedFlags& flags);
void AddPosteriorCommand(CLI::App& program, SharedFlags& flags);
void AddReportCommand(CLI::App& program, SharedFlags& flags);
void AddMergeCommand(CLI::App& program, SharedFlags& flags);
void AddCompareCommand(CLI::App& program, SharedFlags& flags);
void AddShowCommand(CLI::App& program, SharedFlags& flags);
void AddInspectCommand(CLI::App& program, SharedFlags& flags);
void AddConvertCommand(CLI::App& program, SharedFlags& flags);
void AddLinearCommand(CLI::App& program, SharedFlags& flags);
void AddBenchCommand(CLI::App& program, SharedFlags& flags);

}  // namespace denoscope
