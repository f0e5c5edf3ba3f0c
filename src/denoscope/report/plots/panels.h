// Panels beside and below each other with one key, in gnuplot commands, and choices among the rows
// of a long table.
#pragma once

#include <string>
#include <vector>

#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/plot.h"

namespace denoscope {

struct PanelSize {                   // pixels
  double width = 540, height = 597;  // of the axes, on a screen
  double above = 68, below = 95;     // room for title and second axis, and for the first
};

struct PanelKey {
  int columns = 0;         // characters of its widest entry; 0: there is no key beside the panels
  std::string title = {};  // empty: none
};

// On a screen up to three panels stand in a row with the key at their right. On a narrower canvas
// they wrap, and the key takes a free place in the last row or stands below.
class Panels {
 public:
  Panels(const Canvas& canvas, std::size_t count, PanelKey key, PanelSize size = {});

  // Margins and title of panel i; only the last shows the key, and in a single row only the first
  // the label of y.
  std::string Place(std::size_t i, const std::string& title) const;
  std::string KeyTitle() const;  // the command for the title of the key
  // A key at "top left" or the like of a panel, where there is none beside the panels.
  std::string Inside(const std::string& place) const;
  // The figure of all commands, those of Place among them, with more room below for texts of its
  // own: gnuplot's variable `height` is that of the whole, in pixels. The key is of the `last`
  // plot.
  Drawing Whole(const std::string& name,
                const std::string& commands,
                const Plot& last,
                std::vector<std::pair<std::string, Table>> data,
                double more = 0) const;

 private:
  enum class KeyPlace { kRight, kFreePanel, kBelow };

  std::size_t count_, columns_ = 1, rows_ = 1;
  PanelSize size_;
  double width_ = 0, step_ = 0;  // of the figure, and from one panel to the next
  double key_width_;             // of one column of the key
  std::string key_title_;
  KeyPlace key_ = KeyPlace::kRight;

  double Left(std::size_t i) const;  // of the axes of panel i
  double Top(std::size_t i) const;
  std::string KeyCommand() const;
};

// One panel with its key inside on a screen, and clear of it on paper.
Panels OnePanel(const Canvas& canvas, int key_columns, PanelSize size);

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

}  // namespace denoscope
