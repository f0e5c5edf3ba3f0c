// What is measured of a cell and of a noise level.
#pragma once

#include <cstdint>

namespace denoscope {

struct SpectrumOptions {
  std::int64_t vectors = 32;         // leading eigenvectors and singular pairs kept, >= 1
  bool complex_eigenvalues = false;  // 0.4 s at d = 784, 10 s at 3072
};

struct EvaluationOptions {
  std::int64_t images = 2000;     // the first of the set; 0: none; a set with fewer: all of them
  std::int64_t replicates = 200;  // bootstrap, >= 20
  std::int64_t batch = 250;       // images a forward, >= 1
  std::uint64_t seed = 0;

  void Check() const;
};

template <typename Visit>
void EachOption(SpectrumOptions& o, const Visit& visit) {
  auto& [vectors, complex_eigenvalues] = o;
  visit("vectors", vectors);
  visit("complex_eigenvalues", complex_eigenvalues);
}

// But the seed, which is that of the run.
template <typename Visit>
void EachOption(EvaluationOptions& o, const Visit& visit) {
  auto& [images, replicates, batch, seed] = o;
  visit("evaluation_images", images);
  visit("replicates", replicates);
  visit("evaluation_batch", batch);
  visit.Apart("seed", seed);
}

}  // namespace denoscope
