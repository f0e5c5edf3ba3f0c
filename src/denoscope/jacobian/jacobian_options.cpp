#include "denoscope/jacobian/jacobian_options.h"

#include "denoscope/base/error.h"

namespace denoscope {

void JacobianOptions::Check() const {
  if (block < 0) throw Error("jacobian: block must be at least 0, found {}", block);
}

}  // namespace denoscope
