// Room for a whole Jacobian of which only the rows that are written take memory, until they are
// given back: d = 196,608 needs addresses for 155 GB and memory for a block of rows.
#pragma once

#include <ATen/ATen.h>

namespace denoscope {

class SparseRoom {
 public:
  SparseRoom(std::int64_t rows, std::int64_t cols, const at::TensorOptions& options);
  ~SparseRoom();
  SparseRoom(const SparseRoom&) = delete;
  SparseRoom& operator=(const SparseRoom&) = delete;

  const at::Tensor& J() const { return J_; }  // (rows, cols), zero where nothing was written
  void GiveBack();                            // forgets what was written

 private:
  std::size_t size_;
  void* room_;
  at::Tensor J_;
};

}  // namespace denoscope
