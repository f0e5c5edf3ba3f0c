// What a page is made of beside a run: files of this folder's page/, part of the program.
#pragma once

#include <string_view>

namespace denoscope {

std::string_view PageTemplate();  // {{slots}} in HTML
std::string_view PageStyle();
std::string_view PageScript();
std::string_view PlotLibrary();  // uPlot; empty where it was not there at the build
std::string_view PlotStyle();

}  // namespace denoscope
