// Cotangents of values of a network on windows of the image, outside of which they are zero.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <utility>

#include "denoscope/jacobian/local_map.h"

namespace denoscope {

// WindowOf: the window (Tile) of a value.
template <typename WindowOf>
class WindowedCotangents {
 public:
  explicit WindowedCotangents(WindowOf window_of) : window_of_(std::move(window_of)) {}

  // Adds `data`, whose first position is (y0,x0), to the value's cotangent; what lies outside the
  // value's window belongs to no row.
  void Add(NetworkTable::Value v, const at::Tensor& data, std::int64_t y0, std::int64_t x0) {
    const Tile w = window_of_(v);
    const Tile part = {std::max(y0, w.y0),
                       std::min(y0 + data.size(2), w.y1),
                       std::max(x0, w.x0),
                       std::min(x0 + data.size(3), w.x1)};
    const at::Tensor inside =
        data.narrow(2, part.y0 - y0, part.Height()).narrow(3, part.x0 - x0, part.Width());
    at::Tensor& sum = values_[v];
    if (!sum.defined() && part.Area() == w.Area()) {
      sum = inside.contiguous(at::MemoryFormat::ChannelsLast);
      return;
    }
    at::Tensor grown =
        at::zeros({data.size(0), w.Height(), w.Width(), data.size(1)}, data.options());
    grown = grown.permute({0, 3, 1, 2});
    if (sum.defined()) grown.copy_(sum);
    grown.narrow(2, part.y0 - w.y0, part.Height())
        .narrow(3, part.x0 - w.x0, part.Width())
        .add_(inside);
    sum = grown;
  }
  const at::Tensor& At(NetworkTable::Value v) const { return values_.at(v); }

 private:
  WindowOf window_of_;
  std::map<NetworkTable::Value, at::Tensor> values_;
};

}  // namespace denoscope
