// The records of a zip file, for its writer and its reader. Source: PKWARE APPNOTE 6.3,
// chapter 4.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "denoscope/files/byte_source.h"
#include "denoscope/files/zip.h"

namespace denoscope {

constexpr std::uint32_t kZipLocalSignature = 0x04034b50, kZipCentralSignature = 0x02014b50,
                        kZipEndSignature = 0x06054b50;
// A record's size without its name, extra fields and comment.
constexpr std::size_t kZipLocalSize = 30, kZipCentralSize = 46, kZipEndSize = 22;
constexpr std::uint16_t kZipStored = 0, kZipDeflated = 8;
constexpr std::uint16_t kZipEncrypted = 1u << 0, kZipSizesFollow = 1u << 3, kZipUtf8 = 1u << 11;
constexpr std::uint32_t kZipMax16 = 0xffff, kZipMax32 = 0xffffffff;  // these announce zip64

// Why `name` is no plain relative path, as in "a backslash"; empty when it is one.
std::string_view ZipNameTrouble(std::string_view name);
[[noreturn]] void FailZipEntry(const std::string& zip,
                               std::string_view entry,
                               std::string_view what);

// The directory, each entry held against its local header.
std::vector<ZipEntry> ReadZipDirectory(const ByteSource& source);

}  // namespace denoscope
