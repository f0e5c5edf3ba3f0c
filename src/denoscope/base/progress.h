// How long work tells whoever asked how far it is. The library calls; only the program prints.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace denoscope {

struct Progress {
  std::string task;       // what is being done, in two or three words
  std::int64_t done = 0;  // finished units, including those finished by an earlier run
  std::int64_t total = 0;
  std::int64_t done_before = 0;  // of these, finished by an earlier run: not counted in the rate
  std::string unit;              // "cells", "images"
  std::string note;              // the latest number worth seeing, such as "mse 0.0021"
};

using ProgressSink = std::function<void(const Progress&)>;

}  // namespace denoscope
