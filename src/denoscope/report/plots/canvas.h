// Where figures go and how wide they are: for a screen as wide as each likes, for a paper as wide
// as its column.
#pragma once

#include <filesystem>
#include <string>

namespace denoscope {

// Layouts are in pixels of the screen, and letters of size 17, 22.67 pixels high, are 8 pt on
// paper: a narrow canvas has less room, not smaller letters.
struct Canvas {
  std::filesystem::path folder;
  double millimetres = 0;  // 0: for a screen

  static constexpr double kPixelsAMillimetre = 17.0 * 96 / 72 / (8 * 25.4 / 72);
  static constexpr double kDotsAMillimetre = 300 / 25.4;  // of a PNG on paper

  bool OnPaper() const { return millimetres > 0; }
  double Width() const { return kPixelsAMillimetre * millimetres; }  // pixels; on paper
  double Wide(double screen) const { return OnPaper() ? Width() : screen; }
  // Dots of the PNG a pixel of the layout.
  double Dots() const { return OnPaper() ? kDotsAMillimetre / kPixelsAMillimetre : 1; }

  // What the caption says of a picture of `width` pixels that is made smaller as a whole.
  std::string ScaleWords(double width) const;
};

// "85mm", "8.5cm", "3.35in" or "241pt" as millimetres. Throws UsageError for anything else, and
// outside of 75 mm to 400 mm.
double FigureWidth(const std::string& text);

}  // namespace denoscope
