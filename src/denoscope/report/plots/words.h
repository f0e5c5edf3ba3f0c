// Numbers and counts as findings, captions and keys write them.
#pragma once

#include <cstddef>
#include <string>

#include "denoscope/results/emergence_record.h"

namespace denoscope {

std::string Counted(std::size_t count, const std::string& thing);  // "1 image", "8 images"
std::string Decimal(double value);                                 // two decimals, or "undefined"
std::string Signed(double value);  // the same with a minus as wide as a plus, or "n/a"
std::string PlusMinus(double value, double error);    // three decimals, or "undefined"
std::string EstimateText(const IntervalEstimate& e);  // with its interval where it has one
std::string SigmaText(double sigma);                  // for people: three digits
std::string SigmaName(double sigma);  // for columns: "0.100000", as in the names of cells

}  // namespace denoscope
