#include "denoscope/base/random.h"

#include <cmath>
#include <numeric>

namespace denoscope {
namespace {

// The finaliser of SplitMix64: a bijection of 64-bit words in which every input bit reaches all.
std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t StreamSeed(std::uint64_t seed, std::string_view name, std::uint64_t index) {
  std::uint64_t hash = Mix(seed);
  for (const char c : name) hash = Mix(hash ^ static_cast<unsigned char>(c));
  return Mix(Mix(hash) ^ index);
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view name, std::uint64_t index)
    : engine_(StreamSeed(seed, name, index)) {}

double RandomStream::Uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

double RandomStream::Normal() {  // Marsaglia's polar method
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0, v = 0, s = 0;
  do {
    u = 2 * Uniform() - 1;
    v = 2 * Uniform() - 1;
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  const double scale = std::sqrt(-2 * std::log(s) / s);
  spare_ = v * scale;
  has_spare_ = true;
  return u * scale;
}

std::uint64_t RandomStream::Below(std::uint64_t n) {
  // The few largest words would favour small results: draw again.
  const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % n;
  std::uint64_t word = engine_();
  while (word >= limit) word = engine_();
  return word % n;
}

std::vector<std::int64_t> RandomStream::Permutation(std::int64_t n) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[Below(i)]);
  return order;
}

}  // namespace denoscope
