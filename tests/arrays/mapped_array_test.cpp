#include "denoscope/arrays/mapped_array.h"

#include <gtest/gtest.h>

#include <cstring>

#include "denoscope/arrays/npy.h"
#include "denoscope/arrays/npy_header.h"
#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

TEST(MapNpy, HoldsWhatWasWritten) {
  const TempDir folder;
  const Array array = Array::From<float>({2, 3}, {1.5F, -2, 3, 4, 5, 6e20F});
  WriteNpy(folder.Path("a.npy"), array);
  MappedArray copy;
  {
    const MappedArray mapped = MapNpy(folder.Path("a.npy"));
    copy = mapped;
  }
  EXPECT_EQ(copy.type, ElementType::kFloat32);
  EXPECT_EQ(copy.shape, array.shape);
  EXPECT_EQ(std::memcmp(copy.data.get(), array.bytes.data(), array.bytes.size()), 0);
}

TEST(MapNpy, RefusesWhatItCannotReadInPlace) {
  const TempDir folder;
  const auto path = folder.Path("a.npy");
  const std::string whole = NpyHeader(ElementType::kFloat64, {2}) + std::string(16, 'x');
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    WriteFile(path, whole.substr(0, size));
    ExpectError([&] { MapNpy(path); }, {"a.npy"});
  }
  WriteFile(path, whole + "x");
  ExpectError([&] { MapNpy(path); }, {"expected 16 bytes", "found 17"});
  std::string fortran = whole;
  fortran.replace(fortran.find("False"), 5, "True ");
  WriteFile(path, fortran);
  ExpectError([&] { MapNpy(path); }, {"a.npy", "Fortran order"});
  // A header one byte longer: all that it says is right, but the numbers lie askew.
  std::string askew = whole;
  askew.insert(whole.size() - 17, " ");
  ++askew[8];
  WriteFile(path, askew);
  EXPECT_EQ(ReadNpy(path).shape, Shape({2}));
  ExpectError([&] { MapNpy(path); }, {"a.npy", "aligned to 8 bytes"});
  ExpectError([&] { MapNpy(folder.Path("absent")); }, {"absent", "cannot open"});
  ExpectError([&] { MapNpy(folder.Path()); }, {"regular file"});
}

}  // namespace
}  // namespace denoscope
