#include "denoscope/report/panels.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace denoscope {
namespace {

// Pixels.
constexpr double kAxis = 120, kBelow = 95, kGap = 30;
constexpr double kCharacter = 10.9, kSample = 95, kLine = 29;  // of a key

std::size_t CountOf(const std::string& piece, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1))
    ++count;
  return count;
}

// Entries of the key that the last panel shows.
std::size_t KeyEntries(const std::string& commands) {
  const std::string plots = commands.substr(std::min(commands.rfind("\nplot "), commands.size()));
  return CountOf(" title '", plots) - CountOf(" title ''", plots);
}

// A gnuplot string of `text`, broken at spaces into lines of at most so many bytes.
std::string Wrapped(const std::string& text, double most) {
  std::string lines, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && static_cast<double>(line.size() + word.size()) >= most) {
      lines += Quoted(line) + ".\"\\n\".";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return lines + Quoted(line);
}

}  // namespace

Panels::Panels(const Canvas& canvas, std::size_t count, int key_columns, PanelSize size)
    : count_(count),
      size_(size),
      key_width_(key_columns > 0 ? kSample + kCharacter * key_columns : 0) {
  constexpr double kLeast = 540;  // of a panel on paper, with its axis
  const double beside = kGap + key_width_;
  if (!canvas.OnPaper()) {
    columns_ = count <= 3 ? count : (count + 1) / 2;
    step_ = size_.width + kAxis;
    width_ = static_cast<double>(columns_) * step_ + beside;
  } else {
    width_ = canvas.Width();
    columns_ = count;
    step_ = (width_ - beside) / static_cast<double>(count);
    if (step_ < kLeast) {
      const double room = width_ - kGap;
      columns_ = std::clamp<std::size_t>(static_cast<std::size_t>(room / kLeast), 1, count);
      step_ = room / static_cast<double>(columns_);
      key_ = count % columns_ != 0 && key_width_ < step_ ? KeyPlace::kFreePanel : KeyPlace::kBelow;
    }
    size_.width = step_ - kAxis;
    size_.height = std::clamp(0.72 * size_.width, 300.0, size.height);
  }
  rows_ = (count + columns_ - 1) / columns_;
}

double Panels::Left(std::size_t i) const {
  return static_cast<double>(i % columns_) * step_ + kAxis;
}

double Panels::Top(std::size_t i) const {
  return static_cast<double>(i / columns_) * (size_.above + size_.height + kBelow) + size_.above;
}

std::string Panels::KeyCommand() const {
  const double left = key_ == KeyPlace::kRight ? Left(columns_ - 1) + size_.width + 0.65 * kGap
                      : key_ == KeyPlace::kFreePanel ? Left(count_)
                                                     : 0.65 * kGap;
  const double top = key_ == KeyPlace::kRight       ? Top(0)
                     : key_ == KeyPlace::kFreePanel ? Top(count_)
                                                    : Top(count_ - 1) + size_.height + kBelow;
  return fmt::format(
      "set key at screen {:.4f}, screen 1 - {:.1f}/height top left Left reverse maxrows key_rows\n",
      left / width_,
      top);
}

std::string Panels::Place(std::size_t i, const std::string& title) const {
  return fmt::format(
      "set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n"
      "set tmargin at screen 1 - {:.1f}/height\nset bmargin at screen 1 - {:.1f}/height\n"
      "set title {} font ',16'\n{}{}",
      Left(i) / width_,
      (Left(i) + size_.width) / width_,
      Top(i),
      Top(i) + size_.height,
      Wrapped(title, step_ / 11),
      i > 0 && rows_ == 1 ? "unset ylabel\n" : "",
      i + 1 < count_ ? "unset key\n" : KeyCommand());
}

Drawing Panels::Whole(const std::string& name,
                      const std::string& commands,
                      std::vector<std::pair<std::string, Table>> data,
                      double more) const {
  const std::size_t columns =
      key_ == KeyPlace::kBelow && key_width_ > 0
          ? std::max<std::size_t>(1, static_cast<std::size_t>((width_ - kGap) / key_width_))
          : 1;
  const std::size_t lines = (KeyEntries(commands) + columns - 1) / columns;
  const double title = CountOf("key title '", commands) > 0 ? 1 : 0;
  const double key = key_width_ > 0 ? kLine * (static_cast<double>(lines) + title + 0.5) : 0;
  double height = Top(count_ - 1) + size_.height + kBelow + more;
  if (key_ == KeyPlace::kBelow) height += key;
  if (key_ == KeyPlace::kRight) height = std::max(height, Top(0) + key);
  return {name,
          width_,
          height,
          fmt::format("height = {:.1f}\nkey_rows = {}\nset datafile columnheaders\nset multiplot\n",
                      height,
                      std::max<std::size_t>(lines, 1)) +
              KeyCommand() + commands + "unset multiplot\n",
          std::move(data)};
}

std::string Chosen(const std::string& value, const std::vector<Condition>& conditions) {
  std::string all;
  for (const Condition& c : conditions)
    all += fmt::format("{}{}",
                       all.empty() ? "" : " && ",
                       c.text.empty() ? fmt::format("column(\"{}\") == {}", c.column, c.number)
                                      : fmt::format("strcol(\"{}\") eq \"{}\"", c.column, c.text));
  return fmt::format("({} ? column(\"{}\") : NaN)", all, value);
}

std::string LogarithmicTics(const std::string& axis) {
  std::string places;
  for (int power = -4; power <= 5; ++power)
    for (const int digit : {1, 2, 5})
      places += fmt::format("{}{}e{}", places.empty() ? "" : ", ", digit, power);
  return fmt::format("set logscale {0}\nset format {0} '%g'\nset {0}tics ({1})\n", axis, places);
}

std::string OrderedColour(std::size_t i, std::size_t count) {
  return Hex(Ordered(count < 2 ? 0 : static_cast<double>(i) / (static_cast<double>(count) - 1)));
}

}  // namespace denoscope
