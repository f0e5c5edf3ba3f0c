// Zip files composed by hand, bent in every way that a test wants.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/pickle_writer.h"

namespace denoscope {

struct ZipPart {
  std::string name, content;
  int method = 0;                  // 8: the content is deflated already
  std::string unpacked = content;  // what size and checksum are of
};

// An entry of the directory alone: its local header lies at `offset`, within another part.
struct ZipInner {
  ZipPart part;
  std::size_t offset = 0;
};

inline std::string ZipHeader(const ZipPart& part) {
  using pickling::Little;
  const auto crc =
      crc32_z(0, reinterpret_cast<const Bytef*>(part.unpacked.data()), part.unpacked.size());
  return Little(20, 2) + Little(0, 2) + Little(static_cast<std::uint64_t>(part.method), 2) +
         Little(0, 2) + Little(33, 2) + Little(crc, 4) + Little(part.content.size(), 4) +
         Little(part.unpacked.size(), 4) + Little(part.name.size(), 2) + Little(0, 2);
}

inline std::string ZipLocal(const ZipPart& part) {
  return "PK\3\4" + ZipHeader(part) + part.name + part.content;
}

inline std::string ZipBytes(const std::vector<ZipPart>& parts,
                            const std::vector<ZipInner>& inner = {}) {
  using pickling::Little;
  std::string file, directory;
  const auto list = [&](const ZipPart& part, std::size_t offset) {
    directory += "PK\1\2" + Little(20, 2) + ZipHeader(part) + Little(0, 2 + 2 + 2 + 4) +
                 Little(offset, 4) + part.name;
  };
  for (const ZipPart& part : parts) {
    list(part, file.size());
    file += ZipLocal(part);
  }
  for (const ZipInner& entry : inner) list(entry.part, entry.offset);
  const std::uint64_t count = parts.size() + inner.size();
  return file + directory + "PK\5\6" + Little(0, 4) + Little(count, 2) + Little(count, 2) +
         Little(directory.size(), 4) + Little(file.size(), 4) + Little(0, 2);
}

inline std::string Deflated(const std::string& content) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace denoscope
