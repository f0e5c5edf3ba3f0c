// What denoscope jacobian is asked for.
#pragma once

#include <cstdint>
#include <string>

#include "denoscope/studies/jacobian/jacobian_job.h"
#include "tools/arguments/command.h"
#include "tools/arguments/model_argument.h"
#include "tools/arguments/shared_flags.h"

namespace denoscope {

struct JacobianArguments {
  ModelArguments model;
  std::string data = "fashion-mnist", input, sigma, type = "float32", engine = "auto";
  double sigma_scale = 1;
  bool dry_run = false;
  std::int64_t ranks = 0;
  std::string matrix;  // a finished J, in place of input, sigma and out
  JacobianJob job;     // but for what the texts say
};

void AddJacobianFlags(Command command, JacobianArguments& arguments);

// Throws UsageError for what does not go together, Error where a file of a spectrum is in the way.
JacobianJob JobFrom(JacobianArguments arguments, const SharedFlags& flags);

}  // namespace denoscope
