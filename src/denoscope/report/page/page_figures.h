// The figures of a run as elements of its page.
#pragma once

#include <string>
#include <vector>

#include "denoscope/report/plots/figure.h"

namespace denoscope {

std::string Escaped(const std::string& text);  // for HTML, in text and in quoted attributes

// The pictures are within the text, every pixel kept, until a page would be too long: of the others
// none is, and `notes` says so, as it does of pictures that cannot be read.
std::string FiguresHtml(const std::vector<Figure>& figures, std::vector<std::string>& notes);

}  // namespace denoscope
