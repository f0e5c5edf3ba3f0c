// Where what can be made again is kept between runs.
#pragma once

#include <filesystem>

namespace denoscope {

// $XDG_CACHE_HOME/denoscope, else ~/.cache/denoscope; need not exist. Throws when neither variable
// names an absolute path. Source: freedesktop.org, XDG Base Directory Specification.
std::filesystem::path CacheFolder();

}  // namespace denoscope
