// What a PCA study is asked for (pca_study.h).
#pragma once

#include <cstdint>
#include <vector>

namespace denoscope {

struct PcaStudyOptions {
  std::vector<std::int64_t> n = {1000, 10000};  // noisy samples of a basis, >= 2, distinct
  std::vector<double> sigmas;       // > 0, distinct; empty: 14 from 0.02 to 3 sqrt(lambda_0)
  std::int64_t draws = 5;           // of noise and images, >= 1; one has no standard error
  std::int64_t modes = 64;          // K, leading modes compared, 1 to min(d, n - 1) of each n
  std::int64_t exact_up_to = 4096;  // d up to which the reference's whole spectrum is computed
  std::uint64_t seed = 0;

  void Check() const;
};

template <typename Visit>
void EachOption(PcaStudyOptions& o, const Visit& visit) {
  auto& [n, sigmas, draws, modes, exact_up_to, seed] = o;
  visit("n", n);
  visit("sigmas", sigmas);
  visit("draws", draws);
  visit("modes", modes);
  visit("exact_up_to", exact_up_to);
  visit("seed", seed);
}

// Checked, with lists sorted; sigmas stay empty where they follow from the reference.
PcaStudyOptions ResolvePcaStudy(PcaStudyOptions options);

}  // namespace denoscope
