// A verdict for people and for programs.
#pragma once

#include <string>

#include "denoscope/files/json.h"
#include "denoscope/verdict/verdict.h"

namespace denoscope {

std::string VerdictText(const Verdict& verdict);
Json VerdictJson(const Verdict& verdict);

}  // namespace denoscope
