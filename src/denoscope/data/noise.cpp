#include "denoscope/data/noise.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include "denoscope/base/random.h"

namespace denoscope {

torch::Tensor StandardNoise(at::IntArrayRef shape,
                            std::uint64_t seed,
                            std::string_view name,
                            std::uint64_t index) {
  at::Generator generator = at::detail::createCPUGenerator(StreamSeed(seed, name, index));
  return at::randn(shape, generator, torch::kFloat32);
}

std::string CellStream(std::int64_t image, std::int64_t draw) {
  return fmt::format("cell/{}/{}", image, draw);
}

}  // namespace denoscope
