// Panels side by side with one key at their right, in gnuplot commands, and choices among the rows
// of a long table.
#pragma once

#include <string>
#include <vector>

#include "denoscope/report/palette.h"

namespace denoscope {

class Panels {
 public:
  // `key_columns`: characters of the widest entry of the key, for which room is left at the right.
  Panels(std::size_t count, int key_columns);

  int Width() const { return width_; }
  static constexpr int kHeight = 760;
  std::string Begin() const;
  // Margins and title of panel i; only the first shows the label of y, only the last the key.
  std::string Place(std::size_t i, const std::string& title) const;
  static std::string End() { return "unset multiplot\n"; }

 private:
  std::size_t count_;
  int width_ = 0;
  double right_ = 0;  // of the last panel, as a share of the width
};

// A gnuplot expression: column `value` where all conditions hold, else not a number. A condition
// with text compares text.
struct Condition {
  std::string column;
  double number = 0;
  std::string text;
};
std::string Chosen(const std::string& value, const std::vector<Condition>& conditions);

// Commands for a logarithmic axis, "x" or "y", with tics at 1, 2 and 5.
std::string LogarithmicTics(const std::string& axis);

// Colour i of `count`, dark first.
std::string OrderedColour(std::size_t i, std::size_t count);

}  // namespace denoscope
