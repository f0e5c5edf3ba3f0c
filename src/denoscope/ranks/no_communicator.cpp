#include "denoscope/ranks/communicator.h"

namespace denoscope::communicator {

bool Available() { return false; }
std::string Library() { return ""; }
Place Begin(const std::vector<unsigned char>&) { return {}; }
void End() {}
std::vector<std::string> Gather(const std::string& text) { return {text}; }
void Sum(float*, std::int64_t) {}
void Share(float*, const std::vector<std::int64_t>&) {}
std::vector<std::vector<double>> Exchange(const std::vector<std::vector<double>>& sent) {
  return sent;
}
int FortranHandle() { return 0; }

}  // namespace denoscope::communicator
