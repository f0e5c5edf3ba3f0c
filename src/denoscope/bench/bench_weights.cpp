#include "denoscope/bench/bench_weights.h"

#include <map>
#include <vector>

#include "denoscope/base/process.h"
#include "denoscope/base/quantile.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/weights/weights_file.h"

namespace denoscope {

Json BenchWeights(const std::filesystem::path& path, int repeats) {
  std::vector<double> plain, tensors, ratios;
  std::int64_t bytes = 0, memory = 0;
  for (int i = 0; i <= repeats; ++i) {
    // The first pass warms the file cache; its memory is counted before any other is kept.
    const double one = i > 0 ? SecondsOf([&] { ReadFile(path); }) : 0;
    ForgetPeakMemory();
    const std::int64_t before = PeakMemory();
    std::map<std::string, Array> kept;
    const double other = SecondsOf([&] {
      const auto file = OpenWeights(path);
      for (const auto& [name, info] : file->Tensors()) kept[name] = file->Read(name);
    });
    bytes = 0;
    for (const auto& [name, array] : kept) bytes += static_cast<std::int64_t>(array.bytes.size());
    if (i == 0) memory = PeakMemory() - before;
    if (i == 0) continue;
    plain.push_back(one);
    tensors.push_back(other);
    ratios.push_back(other / one);
  }
  return {{"file", path.string()},
          {"tensor_bytes", bytes},
          {"seconds", Quantile(tensors, 0.5)},
          {"plain_seconds", Quantile(plain, 0.5)},
          {"time_ratio", Quantile(ratios, 0.5)},
          {"memory_ratio", static_cast<double>(memory) / static_cast<double>(bytes)}};
}

}  // namespace denoscope
