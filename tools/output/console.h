// What the program says on stderr while it works.
#pragma once

#include <string>

#include "denoscope/base/progress.h"
#include "tools/arguments/shared_flags.h"

namespace denoscope {

// Progress: one line, rewritten, on a terminal; elsewhere a plain line every 10 seconds; nothing
// with --quiet.
ProgressSink ProgressLine(const SharedFlags& flags);

// One line, also with --quiet; nothing for an empty text.
void Warn(const std::string& text);

}  // namespace denoscope
