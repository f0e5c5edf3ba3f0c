// What the figures of a spiked study say of its cases, and which of them they show.
#pragma once

#include <string>
#include <vector>

#include "denoscope/report/plots/number_rows.h"

namespace denoscope {

std::vector<double> AtMostThree(const std::vector<double>& values);  // both ends and the middle
std::string SampleTitle(const NumberRows& rows, double n);           // "d = 200, n = 100"
std::string TrialsText(const NumberRows& rows);                      // "100 trials"

}  // namespace denoscope
