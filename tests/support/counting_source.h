// A source in memory that remembers what was read from it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/files/byte_source.h"

namespace denoscope {

class CountingSource final : public ByteSource {
 public:
  CountingSource(std::string name, std::string content)
      : ByteSource(std::move(name), content.size()), content_(std::move(content)) {}

  struct Range {
    std::uint64_t begin, size;
  };
  mutable std::vector<Range> reads;

  std::uint64_t BytesRead() const {
    std::uint64_t total = 0;
    for (const Range& read : reads) total += read.size;
    return total;
  }

 protected:
  void Fetch(std::uint64_t offset, void* bytes, std::size_t size) const override {
    reads.push_back({offset, size});
    std::memcpy(bytes, content_.data() + offset, size);
  }

 private:
  std::string content_;
};

}  // namespace denoscope
