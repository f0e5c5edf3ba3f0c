// What this program is made of, for --version and for the record of every run.
#pragma once

#include <string>
#include <vector>

namespace denoscope {

std::string Revision();  // of the source, or "unknown"
std::vector<std::pair<std::string, std::string>> LibraryVersions();
std::string VersionText();

}  // namespace denoscope
