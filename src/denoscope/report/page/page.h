// The page of a run: report.html, one file that opens from disk and asks for nothing.
#pragma once

#include <filesystem>
#include <string>

#include "denoscope/report/page/page_data.h"

namespace denoscope {

constexpr const char* kPageName = "report.html";

// Writes the page into the run's folder and returns its path. Its content security policy allows
// its own style and script by their hashes, pictures that it holds itself, and nothing else.
std::filesystem::path WritePage(const PageInput& input);

// Of a run that cannot be presented, for the reason `why`: what its folder holds, as it is.
std::filesystem::path WritePageOfParts(const std::filesystem::path& run, const std::string& why);

}  // namespace denoscope
