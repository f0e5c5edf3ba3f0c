// The few calls of MPI that there are: mpi_communicator.cpp where the program is built with MPI,
// else no_communicator.cpp, where one process is all there is. For ranks.cpp alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace denoscope::communicator {

bool Available();       // built with MPI
std::string Library();  // "Open MPI v4.1.4"; empty without MPI

struct Place {
  int rank = 0, count = 1;
  int processes_here = 1;  // of this job on this machine
  int threads = 1;         // for each: the least of processors / processes that share them
};
// Begins communication. processors: those this process may run on, a bit each.
Place Begin(const std::vector<unsigned char>& processors);
void End();

std::vector<std::string> Gather(const std::string& text);
void Sum(float* values, std::int64_t count);
void Share(float* values, const std::vector<std::int64_t>& counts);
std::vector<std::vector<double>> Exchange(const std::vector<std::vector<double>>& sent);
int FortranHandle();

}  // namespace denoscope::communicator
