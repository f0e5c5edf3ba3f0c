// The tensor archives (.tza) of Open Image Denoise. Numbers are little-endian:
//
//   header  u16 0x41d7, version u8 2 and u8, u64 where the table begins
//   table   u32 how many tensors, then of each: u16 length and bytes of its name, u8 rank,
//           u32 extents, layout "x" or "oihw" of as many letters, element type "f" (float32) or
//           "h" (float16), u64 where its data begin
//
// Data are row-major in the order of the layout. Source: training/tza.py of Open Image Denoise.
#pragma once

#include <memory>
#include <string_view>

#include "denoscope/files/byte_source.h"
#include "denoscope/weights/weights_file.h"

namespace denoscope {

// Whether a file of this head may be one; two bytes are little, so ask others first.
bool BeginsLikeTza(std::string_view head);

// Reads header and table alone. Throws on a truncated file, another version, other layouts and
// element types, a name that comes twice, and data that leave the file or overlap header, table or
// other data.
std::unique_ptr<WeightsFile> OpenTza(std::shared_ptr<const ByteSource> source);

}  // namespace denoscope
