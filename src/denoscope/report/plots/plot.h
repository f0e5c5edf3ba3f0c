// The curves of one panel, as a gnuplot command, and how much room their key takes.
#pragma once

#include <string>
#include <vector>

namespace denoscope {

class Plot {
 public:
  // `curve`: "'data.csv' using 1:2 with lines". `title`: what the key says of it, with gnuplot's
  // marks; what comes from outside passes Plain. Without one it is not in the key.
  void Add(const std::string& curve, const std::string& title = "");
  void Add(const Plot& more);

  std::string Curves() const;   // a line each
  std::string Command() const;  // plot, and the curves below it

  std::size_t KeyEntries() const { return entries_; }
  std::size_t KeyLetters() const { return letters_; }  // of the widest entry

 private:
  std::vector<std::string> curves_;
  std::size_t entries_ = 0, letters_ = 0;
};

}  // namespace denoscope
