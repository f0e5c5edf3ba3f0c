#include <mpi.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "denoscope/base/error.h"
#include "denoscope/ranks/communicator.h"

namespace denoscope::communicator {
namespace {

// Of messages: MPI counts in 32-bit integers.
constexpr std::int64_t kMost = std::int64_t{1} << 30;

// The least, over all ranks, of the processors of a rank divided by the ranks here that have the
// same ones: bound to a core each, ranks share nothing.
int LeastThreads(MPI_Comm here, int processes_here, const std::vector<unsigned char>& processors) {
  const auto size = processors.size();
  std::vector<unsigned char> all(size * static_cast<std::size_t>(processes_here));
  MPI_Allgather(processors.data(),
                static_cast<int>(size),
                MPI_BYTE,
                all.data(),
                static_cast<int>(size),
                MPI_BYTE,
                here);
  int sharers = 0, bits = 0;
  for (std::size_t i = 0; i < all.size(); i += size)
    if (std::equal(processors.begin(), processors.end(), all.begin() + static_cast<long>(i)))
      ++sharers;
  for (unsigned byte : processors)
    for (; byte != 0; byte &= byte - 1) ++bits;
  int threads = std::max(1, bits / std::max(1, sharers));
  MPI_Allreduce(MPI_IN_PLACE, &threads, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return threads;
}

// Where parts of these sizes begin, one after the other, and where the last one ends.
std::vector<int> Begins(const std::vector<int>& sizes) {
  std::vector<int> begins = {0};
  for (const int size : sizes) {
    if (size > std::numeric_limits<int>::max() - begins.back())
      throw Error("ranks: more than 2^31 - 1 values to exchange at once");
    begins.push_back(begins.back() + size);
  }
  return begins;
}

}  // namespace

bool Available() { return true; }

std::string Library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text = {};
  int size = 0;
  MPI_Get_library_version(text.data(), &size);
  const std::string all(text.data(), static_cast<std::size_t>(size));
  return all.substr(0, all.find_first_of(",\n"));
}

Place Begin(const std::vector<unsigned char>& processors) {
  Place place;
  int level = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &place.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &place.count);
  MPI_Comm here = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, place.rank, MPI_INFO_NULL, &here);
  MPI_Comm_size(here, &place.processes_here);
  place.threads = LeastThreads(here, place.processes_here, processors);
  MPI_Comm_free(&here);
  return place;
}

void End() { MPI_Finalize(); }

std::vector<std::string> Gather(const std::string& text) {
  int count = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &count);
  const int size = static_cast<int>(text.size());
  std::vector<int> sizes(static_cast<std::size_t>(count)), begins(sizes.size());
  MPI_Allgather(&size, 1, MPI_INT, sizes.data(), 1, MPI_INT, MPI_COMM_WORLD);
  std::exclusive_scan(sizes.begin(), sizes.end(), begins.begin(), 0);
  std::string all(static_cast<std::size_t>(begins.back() + sizes.back()), '\0');
  MPI_Allgatherv(text.data(),
                 size,
                 MPI_CHAR,
                 all.data(),
                 sizes.data(),
                 begins.data(),
                 MPI_CHAR,
                 MPI_COMM_WORLD);
  std::vector<std::string> texts;
  for (std::size_t r = 0; r < sizes.size(); ++r)
    texts.push_back(
        all.substr(static_cast<std::size_t>(begins[r]), static_cast<std::size_t>(sizes[r])));
  return texts;
}

void Sum(float* values, std::int64_t count) {
  for (std::int64_t begin = 0; begin < count; begin += kMost)
    MPI_Allreduce(MPI_IN_PLACE,
                  values + begin,
                  static_cast<int>(std::min(kMost, count - begin)),
                  MPI_FLOAT,
                  MPI_SUM,
                  MPI_COMM_WORLD);
}

void Share(float* values, const std::vector<std::int64_t>& counts) {
  const std::int64_t total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  if (total > std::numeric_limits<int>::max())
    throw Error("ranks: {} values to share, expected at most 2^31 - 1", total);
  const std::vector<int> sizes(counts.begin(), counts.end());
  std::vector<int> begins(sizes.size());
  std::exclusive_scan(sizes.begin(), sizes.end(), begins.begin(), 0);
  MPI_Allgatherv(MPI_IN_PLACE,
                 0,
                 MPI_DATATYPE_NULL,
                 values,
                 sizes.data(),
                 begins.data(),
                 MPI_FLOAT,
                 MPI_COMM_WORLD);
}

std::vector<std::vector<double>> Exchange(const std::vector<std::vector<double>>& sent) {
  std::vector<int> sizes, heard_sizes(sent.size());
  std::vector<double> all;
  for (const auto& part : sent) {
    sizes.push_back(static_cast<int>(part.size()));
    all.insert(all.end(), part.begin(), part.end());
  }
  MPI_Alltoall(sizes.data(), 1, MPI_INT, heard_sizes.data(), 1, MPI_INT, MPI_COMM_WORLD);
  const std::vector<int> begins = Begins(sizes), heard_begins = Begins(heard_sizes);
  std::vector<double> heard(static_cast<std::size_t>(heard_begins.back()));
  MPI_Alltoallv(all.data(),
                sizes.data(),
                begins.data(),
                MPI_DOUBLE,
                heard.data(),
                heard_sizes.data(),
                heard_begins.data(),
                MPI_DOUBLE,
                MPI_COMM_WORLD);
  std::vector<std::vector<double>> parts;
  for (std::size_t r = 0; r < sent.size(); ++r)
    parts.emplace_back(heard.begin() + heard_begins[r], heard.begin() + heard_begins[r + 1]);
  return parts;
}

int FortranHandle() { return static_cast<int>(MPI_Comm_c2f(MPI_COMM_WORLD)); }

}  // namespace denoscope::communicator
