#include "denoscope/studies/jacobian/whole_spectrum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "denoscope/arrays/npy.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

// sym of ((2, 1), (0, 2)) has 2.5 along (1, 1) and 1.5 along (1, -1).
TEST(WholeSpectrum, IsThatOfTheSymmetricPart) {
  const TempDir folder;
  WriteNpy(folder.Path("J.npy"), Array::From<double>({2, 2}, std::vector<double>{2, 1, 0, 2}));
  const SpectrumFiles files = {folder.Path("values.npy").string(),
                               folder.Path("vectors.npy").string()};
  const WrittenSpectrum written = WriteSpectrum(folder.Path("J.npy"), files);
  EXPECT_EQ(written.count, 2);
  EXPECT_NEAR(written.largest, 2.5, 1e-12);
  EXPECT_NEAR(written.least, 1.5, 1e-12);
  EXPECT_EQ(written.by, "LAPACK");
  const Array values = ReadNpy(files.values), vectors = ReadNpy(files.vectors);
  EXPECT_EQ(values.shape, Shape{2});
  EXPECT_EQ(vectors.shape, (Shape{2, 2}));
  const double* v = vectors.Data<double>();
  EXPECT_NEAR(std::abs(v[0] + v[1]), std::sqrt(2), 1e-12);
  EXPECT_NEAR(v[2] + v[3], 0, 1e-12);
}

TEST(WholeSpectrum, RefusesWhatIsNoSquareMatrix) {
  const TempDir folder;
  WriteNpy(folder.Path("J.npy"), Array::From<float>({1, 2}, std::vector<float>{2, 1}));
  ExpectError(
      [&] {
        WriteSpectrum(folder.Path("J.npy"), {folder.Path("v.npy").string(), ""});
      },
      {"J.npy", "[1,2]", "expected a square matrix"});
}

}  // namespace
}  // namespace denoscope
