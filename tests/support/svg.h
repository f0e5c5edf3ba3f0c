// Reads what the tests ask of an SVG that gnuplot made: whether it is well-formed, its size, its
// letters, and the points of its curves.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"

namespace denoscope {

struct SvgPoint {
  double x = 0, y = 0;  // units of the view box
};

// Numbers at the tics of an axis, and where they are.
struct SvgAxis {
  std::vector<std::pair<double, double>> tics;  // number, place

  // On the line through the first and the last tic.
  double Linear(double number) const {
    const auto [low, from] = tics.front();
    const auto [high, to] = tics.back();
    return from + (number - low) / (high - low) * (to - from);
  }
  double Logarithmic(double number) const {
    SvgAxis logarithms = *this;
    for (auto& tic : logarithms.tics) tic.first = std::log(tic.first);
    return logarithms.Linear(std::log(number));
  }
};

class Svg {
 public:
  // Throws unless the text is well-formed: elements closed in turn, attributes quoted, no bare
  // < or & in between.
  explicit Svg(const std::filesystem::path& path) : text_(ReadFile(path)) {
    std::vector<std::string> open;
    bool any = false;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t begin = std::min(text_.find('<', at), text_.size());
      CheckText(text_.substr(at, begin - at));
      if (begin == text_.size()) break;
      const std::size_t end = EndOfTag(begin);
      const std::string tag = text_.substr(begin + 1, end - begin - 1);
      at = end + 1;
      if (tag[0] == '?') continue;
      const std::string name = tag.substr(0, tag.find_first_of(" \t\n"));
      any = true;
      if (name[0] == '/') {
        if (open.empty() || "/" + open.back() != name)
          throw Error("svg: <{}> closes another", name);
        open.pop_back();
      } else if (tag.back() != '/') {
        open.push_back(name);
      }
    }
    if (!open.empty() || !any) throw Error("svg: '{}' is not closed", any ? open.back() : "");
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
  // The height of the largest letters, in units of the view box.
  double LargestLetters() const {
    double largest = 0;
    static const std::regex pattern("font-size=\"([0-9.]+)\"");
    for (std::sregex_iterator at(text_.begin(), text_.end(), pattern), none; at != none; ++at)
      largest = std::max(largest, std::stod((*at)[1]));
    return largest;
  }
  // Of the first panel: gnuplot draws a stroke and the number beside it.
  SvgAxis Axis(bool vertical) const {
    static const std::regex pattern(
        R"x(d='M([0-9.]+),([0-9.]+) L[0-9., ]+'/>\s*<g transform[^>]*text-anchor="(\w+)">)x"
        R"x(\s*<text><tspan[^>]*>\s*(-?[0-9.]+)</tspan></text>)x");
    SvgAxis axis;
    for (std::sregex_iterator at(text_.begin(), text_.end(), pattern), none; at != none; ++at)
      if ((*at)[3] == (vertical ? "end" : "middle"))
        axis.tics.emplace_back(std::stod((*at)[4]), std::stod((*at)[vertical ? 2 : 1]));
    return axis;
  }
  std::size_t PlotCount() const {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text_.find(kPlot, at)) != std::string::npos; ++at) ++count;
    return count;
  }
  // Corners of the line of plot i of the first panel, counted from 1 as gnuplot does.
  std::vector<SvgPoint> Line(std::size_t i) const {
    const std::size_t begin = text_.find(kPlot + std::to_string(i) + "a\"");
    if (begin == std::string::npos) throw Error("svg: no plot {}", i);
    const std::string plot = text_.substr(begin, text_.find(kPlot, begin + 1) - begin);
    std::vector<SvgPoint> points;
    static const std::regex path("[ML]([0-9.]+),([0-9.]+)");
    for (std::sregex_iterator at(plot.begin(), plot.end(), path), none; at != none; ++at)
      points.push_back({std::stod((*at)[1]), std::stod((*at)[2])});
    return points;
  }

 private:
  // Of the tag at `begin`: the > that no quotes hold.
  std::size_t EndOfTag(std::size_t begin) const {
    char quote = 0;
    for (std::size_t at = begin + 1; at < text_.size(); ++at) {
      const char c = text_[at];
      if (quote == 0 && (c == '"' || c == '\'')) {
        if (text_[text_.find_last_not_of(' ', at - 1)] != '=')
          throw Error("svg: stray quote in {}", text_.substr(begin, 80));
        quote = c;
      } else if (c == quote) {
        quote = 0;
      } else if (c == '<') {
        break;
      } else if (quote == 0 && c == '>') {
        return at;
      }
    }
    throw Error("svg: tag without end: {}", text_.substr(begin, 80));
  }
  static void CheckText(const std::string& text) {
    for (std::size_t at = text.find('&'); at != std::string::npos; at = text.find('&', at + 1)) {
      bool known = false;
      for (const char* entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#"})
        known = known || text.compare(at, std::strlen(entity), entity) == 0;
      if (!known) throw Error("svg: bare & in {}", text.substr(at, 80));
    }
  }

  static inline const std::string kPlot = "id=\"gnuplot_plot_";
  std::string text_;
};

}  // namespace denoscope
