#include "denoscope/jacobian/sparse_file.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/arrays/npy.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

template <typename T>
std::vector<T> Numbers(const Npz& npz, const std::string& name) {
  const Array& array = npz.at(name);
  return {array.Data<T>(), array.Data<T>() + array.shape.at(0)};
}

// The rows (0, 2, 0), (0, 0, 0) and (3, 0, 4).
TEST(SparseFile, HoldsWhatScipyTakes) {
  SparseJacobian J(3, 3);
  J.insert(0, 1) = 2;
  J.insert(2, 0) = 3;
  J.insert(2, 2) = 4;
  J.makeCompressed();
  const TempDir folder;
  WriteSparse(folder.Path("J.npz"), J);
  const Npz npz = ReadNpz(folder.Path("J.npz"));
  EXPECT_EQ(Numbers<std::int64_t>(npz, "shape"), (std::vector<std::int64_t>{3, 3}));
  EXPECT_EQ(Numbers<float>(npz, "data"), (std::vector<float>{2, 3, 4}));
  EXPECT_EQ(Numbers<std::int64_t>(npz, "indices"), (std::vector<std::int64_t>{1, 0, 2}));
  EXPECT_EQ(Numbers<std::int64_t>(npz, "indptr"), (std::vector<std::int64_t>{0, 1, 1, 3}));
}

}  // namespace
}  // namespace denoscope
