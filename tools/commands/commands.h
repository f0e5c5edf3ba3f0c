// The commands of the program, one file each.
#pragma once

#include "tools/arguments/shared_flags.h"

namespace denoscope {

// Each adds one command to the program; the command's callback does the work and throws on failure.
void AddTrainCommand(Command program, SharedFlags& flags);
void AddEvaluateCommand(Command program, SharedFlags& flags);
void AddAnalyzeCommand(Command program, SharedFlags& flags);
void AddSampleCommand(Command program, SharedFlags& flags);
void AddJacobianCommand(Command program, SharedFlags& flags);
void AddDataCommand(Command program, SharedFlags& flags);
void AddPosteriorCommand(Command program, SharedFlags& flags);
void AddReportCommand(Command program, SharedFlags& flags);
void AddMergeCommand(Command program, SharedFlags& flags);
void AddCompareCommand(Command program, SharedFlags& flags);
void AddShowCommand(Command program, SharedFlags& flags);
void AddInspectCommand(Command program, SharedFlags& flags);
void AddConvertCommand(Command program, SharedFlags& flags);
void AddLinearCommand(Command program, SharedFlags& flags);
void AddBenchCommand(Command program, SharedFlags& flags);

}  // namespace denoscope
