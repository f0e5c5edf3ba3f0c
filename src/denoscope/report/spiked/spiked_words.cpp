#include "denoscope/report/spiked/spiked_words.h"

#include <fmt/format.h>

#include "denoscope/base/even_choice.h"

namespace denoscope {

std::vector<double> AtMostThree(const std::vector<double>& values) {
  std::vector<double> chosen;
  for (const std::size_t i : EvenChoice(values.size(), 3)) chosen.push_back(values[i]);
  return chosen;
}

std::string SampleTitle(const NumberRows& rows, double n) {
  return fmt::format("d = {}, n = {}", rows.At(0, "d"), n);
}

std::string TrialsText(const NumberRows& rows) {
  return fmt::format("{} trials", rows.At(0, "trials"));
}

}  // namespace denoscope
