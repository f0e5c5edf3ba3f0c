// Named random streams: every use of randomness draws from its own stream, identified by the run's
// seed, a name and an index, so that no use shifts another and any cell can be computed alone.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace denoscope {

// The seed of stream (name, index) under `seed`: well mixed, the same on every platform.
std::uint64_t StreamSeed(std::uint64_t seed, std::string_view name, std::uint64_t index = 0);

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name, std::uint64_t index = 0);

  std::uint64_t Word() { return engine_(); }  // 64 random bits
  double Uniform();                           // in [0, 1)
  double Normal();                            // N(0, 1)
  std::uint64_t Below(std::uint64_t n);       // uniform in {0, .., n-1}, n >= 1
  std::vector<std::int64_t> Permutation(std::int64_t n);

 private:
  std::mt19937_64 engine_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace denoscope
