// Independent pieces of work, such as the trials of a simulation, on threads of their own.
#pragma once

#include <Eigen/Dense>
#include <functional>

namespace denoscope {

// Calls work(i) for i = 0 .. count-1 on `threads` >= 1 threads and waits. Every piece runs with
// BLAS on one thread, whatever the caller's setting and the number of threads, so that its result
// is the same for any of them. When pieces throw, the exception of the smallest index that threw is
// thrown again; pieces not yet begun are left out.
void ForEachIndex(Eigen::Index count, int threads, const std::function<void(Eigen::Index)>& work);

}  // namespace denoscope
