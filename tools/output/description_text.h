// What a denoiser is (inspection.h), for people.
#pragma once

#include "denoscope/files/json.h"

namespace denoscope {

void PrintDescription(const Json& description);

}  // namespace denoscope
