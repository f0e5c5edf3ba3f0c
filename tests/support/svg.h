// Reads what the tests ask of an SVG that gnuplot made: whether it is well-formed, its size, its
// letters, and the points of its curves.
#pragma once

#include <cstdlib>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"

namespace denoscope {

struct SvgPoint {
  double x = 0, y = 0;  // units of the view box
};

class Svg {
 public:
  // Throws, saying where, unless every element is closed in turn and every attribute is quoted.
  explicit Svg(const std::filesystem::path& path) : text_(ReadFile(path)) {
    static const std::regex markup(
        R"(<\?[^>]*\?>|<(/?)([A-Za-z]+)((?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?)>)");
    std::vector<std::string> open;
    std::size_t end = 0;
    for (std::sregex_iterator at(text_.begin(), text_.end(), markup), none; at != none; ++at) {
      CheckText(end, static_cast<std::size_t>(at->position()));
      end = static_cast<std::size_t>(at->position() + at->length());
      const std::string name = (*at)[2];
      if (name.empty()) continue;
      if ((*at)[1].length() > 0) {
        if (open.empty() || open.back() != name) throw Error("</{}> closes another element", name);
        open.pop_back();
      } else if ((*at)[4].length() == 0) {
        open.push_back(name);
      }
    }
    CheckText(end, text_.size());
    if (!open.empty() || end == 0)
      throw Error("<{}> is not closed", end == 0 ? "svg" : open.back());
  }

  const std::string& Text() const { return text_; }
  // Of the <svg> element, with its unit: "85mm".
  std::string Attribute(const std::string& name) const {
    std::smatch found;
    const std::regex pattern("<svg[^>]*\\s" + name + "=\"([^\"]*)\"");
    if (!std::regex_search(text_, found, pattern)) throw Error("svg: no {}", name);
    return found[1];
  }
  // Units of the view box in its whole width.
  double Units() const { return std::strtod(Attribute("viewBox").substr(4).c_str(), nullptr); }
  // Of each piece of text.
  std::vector<double> LetterSizes() const {
    std::vector<double> sizes;
    static const std::regex pattern("font-size=\"([0-9.]+)\"");
    for (std::sregex_iterator at(text_.begin(), text_.end(), pattern), none; at != none; ++at)
      sizes.push_back(std::stod((*at)[1]));
    return sizes;
  }
  std::size_t PlotCount() const {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text_.find("id=\"gnuplot_plot_", at)) != std::string::npos; ++at)
      ++count;
    return count;
  }
  // Corners of all lines of plot i, counted from 1 as gnuplot does.
  std::vector<SvgPoint> Line(std::size_t i) const {
    const std::size_t begin = text_.find("id=\"gnuplot_plot_" + std::to_string(i) + "\"");
    if (begin == std::string::npos) throw Error("svg: no plot {}", i);
    const std::string plot =
        text_.substr(begin, text_.find("id=\"gnuplot_plot_", begin + 1) - begin);
    std::vector<SvgPoint> points;
    static const std::regex path("[ML ]([0-9.]+),([0-9.]+)");
    for (std::sregex_iterator at(plot.begin(), plot.end(), path), none; at != none; ++at)
      points.push_back({std::stod((*at)[1]), std::stod((*at)[2])});
    return points;
  }

 private:
  void CheckText(std::size_t begin, std::size_t end) const {
    static const std::regex entity("&(?!(amp|lt|gt|quot|apos|#[0-9]+);)");
    const std::string between = text_.substr(begin, end - begin);
    if (between.find('<') != std::string::npos || std::regex_search(between, entity))
      throw Error("not well-formed: {:.80}", between);
  }

  std::string text_;
};

}  // namespace denoscope
