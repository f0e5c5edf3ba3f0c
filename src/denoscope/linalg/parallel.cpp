#include "denoscope/linalg/parallel.h"

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;

// OpenBLAS asks OpenMP for its thread count, a setting of each thread. Looked up by name: this
// library is not itself compiled with OpenMP, and a BLAS without it needs no such call.
void UseSerialBlas() {
  using SetThreads = void (*)(int);
  const auto set_threads = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set_threads != nullptr) set_threads(1);
}

struct FirstFailure {
  std::mutex mutex;
  Index index = std::numeric_limits<Index>::max();
  std::exception_ptr exception;

  void Keep(Index i) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (i >= index) return;
    index = i;
    exception = std::current_exception();
  }
};

}  // namespace

void ForEachIndex(Index count, int threads, const std::function<void(Index)>& work) {
  if (threads < 1) throw Error("parallel work: threads is {}, expected at least 1", threads);
  std::atomic<Index> next{0};
  std::atomic<bool> failed{false};
  FirstFailure failure;
  const auto run = [&] {
    UseSerialBlas();
    while (!failed) {
      const Index i = next++;
      if (i >= count) return;
      try {
        work(i);
      } catch (...) {
        failure.Keep(i);
        failed = true;
      }
    }
  };
  std::vector<std::thread> workers;
  const Index used = std::min<Index>(threads, count);
  for (Index i = 0; i < used; ++i) workers.emplace_back(run);
  for (std::thread& worker : workers) worker.join();
  if (failure.exception) std::rethrow_exception(failure.exception);
}

}  // namespace denoscope
