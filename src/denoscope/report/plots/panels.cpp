#include "denoscope/report/plots/panels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>
#include <sstream>

namespace denoscope {
namespace {

// Pixels.
constexpr double kAxis = 136, kGap = 30;
constexpr double kCharacter = 10.9, kSample = 95, kLine = 29;  // of a key

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
  // Our own u_k and the like are set as such; other text stays as it is.
  static const std::regex symbol(R"((^|[ '(|/])(u|v|x|D|λ|σ)\\_(k|t|0|½)(?![A-Za-z0-9_]))");
  return std::regex_replace(lines + Quoted(line), symbol, "$1$2_$3");
}

}  // namespace

Panels::Panels(const Canvas& canvas, std::size_t count, PanelKey key, PanelSize size)
    : count_(count),
      size_(size),
      key_width_(key.columns > 0 ? kSample + kCharacter * key.columns : 0),
      key_title_(std::move(key.title)) {
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
  }
  rows_ = (count + columns_ - 1) / columns_;
  if (canvas.OnPaper()) {
    constexpr double kPage = 1750, kAspect = 0.72, kLow = 165;  // pixels of a page's height
    const double share = kPage / static_cast<double>(rows_) - size_.above - size_.below;
    size_.height = std::max(kLow, std::min({kAspect * size_.width, size_.height, share}));
  }
}

double Panels::Left(std::size_t i) const {
  return static_cast<double>(i % columns_) * step_ + kAxis;
}

double Panels::Top(std::size_t i) const {
  return static_cast<double>(i / columns_) * (size_.above + size_.height + size_.below) +
         size_.above;
}

std::string Panels::KeyTitle() const { return "set key title '" + key_title_ + "'\n"; }

std::string Panels::Inside(const std::string& place) const {
  return key_width_ > 0 ? "" : "set key inside " + place + " Left reverse\n";
}

std::string Panels::KeyCommand() const {
  if (key_width_ == 0) return "unset key\n";
  const double left = key_ == KeyPlace::kRight ? Left(columns_ - 1) + size_.width + 0.65 * kGap
                      : key_ == KeyPlace::kFreePanel ? Left(count_)
                                                     : 0.65 * kGap;
  const double top = key_ == KeyPlace::kRight       ? Top(0)
                     : key_ == KeyPlace::kFreePanel ? Top(count_)
                                                    : Top(count_ - 1) + size_.height + size_.below;
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
      Wrapped(title, (size_.width + 2 * kGap) / 11.8),
      i > 0 && rows_ == 1 ? "unset ylabel\n" : "",
      i + 1 < count_ ? "unset key\n" : KeyCommand());
}

Drawing Panels::Whole(const std::string& name,
                      const std::string& commands,
                      const Plot& last,
                      std::vector<std::pair<std::string, Table>> data,
                      double more) const {
  const double column = kSample + kCharacter * static_cast<double>(last.KeyLetters());
  const double columns =
      key_ == KeyPlace::kBelow ? std::max(1.0, std::floor((width_ - kGap) / column)) : 1;
  const double lines = std::ceil(static_cast<double>(last.KeyEntries()) / columns);
  const double title = key_title_.empty() ? 0 : 1;
  const double key = key_width_ > 0 ? kLine * (lines + title + 0.5) : 0;
  double height = Top(count_ - 1) + size_.height + size_.below + more;
  if (key_ == KeyPlace::kBelow) height += key;
  if (key_ == KeyPlace::kRight) height = std::max(height, Top(0) + key);
  return {name,
          width_,
          height,
          fmt::format("height = {:.1f}\nkey_rows = {}\nset datafile columnheaders\nset multiplot\n",
                      height,
                      std::max(lines, 1.0)) +
              KeyCommand() + commands + "unset multiplot\n",
          std::move(data)};
}

Panels OnePanel(const Canvas& canvas, int key_columns, PanelSize size) {
  return {canvas, 1, {canvas.OnPaper() ? key_columns : 0}, size};
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

}  // namespace denoscope
