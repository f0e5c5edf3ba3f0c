#include "denoscope/report/plots/plot.h"

#include <fmt/format.h>

#include <algorithm>

namespace denoscope {
namespace {

std::size_t Letters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;  // the first byte of a letter
  }));
}

}  // namespace

void Plot::Add(const std::string& curve, const std::string& title) {
  curves_.push_back(title.empty() ? curve : curve + " title '" + title + "'");
  if (title.empty()) return;
  ++entries_;
  letters_ = std::max(letters_, Letters(title));
}

void Plot::Add(const Plot& more) {
  curves_.insert(curves_.end(), more.curves_.begin(), more.curves_.end());
  entries_ += more.entries_;
  letters_ = std::max(letters_, more.letters_);
}

std::string Plot::Curves() const { return fmt::format("{}\n", fmt::join(curves_, ", \\\n  ")); }

std::string Plot::Command() const { return "plot \\\n  " + Curves(); }

}  // namespace denoscope
