// How a whole Jacobian is computed (dense_jacobian.h).
#pragma once

#include <cstdint>

#include "denoscope/base/enum_names.h"

namespace denoscope {

// Autograd serves any denoiser; a piecewise linear table has its own, faster way.
enum class DenseEngine { kAuto, kAutograd };
template <>
struct EnumNames<DenseEngine> {
  static constexpr const char* kWhat = "engine";
  static constexpr EnumName<DenseEngine> kNames[] = {{DenseEngine::kAuto, "auto"},
                                                     {DenseEngine::kAutograd, "autograd"}};
};

struct JacobianOptions {
  // Rows a product, >= 1; 0: 224 through a table, 28 by autograd, fewer for large images.
  std::int64_t block = 0;
  DenseEngine engine = DenseEngine::kAuto;

  void Check() const;
};

template <typename Visit>
void EachOption(JacobianOptions& o, const Visit& visit) {
  auto& [block, engine] = o;
  visit("block", block);
  visit("engine", engine);
}

}  // namespace denoscope
