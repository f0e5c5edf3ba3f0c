// What is trained, and how.
#pragma once

#include <cstdint>
#include <string>

#include "denoscope/training/train_options.h"
#include "tools/arguments/command.h"

namespace denoscope {

struct TrainingArguments {
  std::string data = "fashion-mnist", architecture = "conditioned", out, sigma_range, prediction;
  std::string noise = "log-uniform", weighting = "edm", optimizer = "adam";
  std::string size = "small", features;
  std::int64_t blocks = 0;
  bool fresh = false;
  TrainOptions options;  // but for what the texts say
};

// Adds --data, --arch, --out and the flags of training itself.
void AddTrainingFlags(Command command, TrainingArguments& arguments);

// What the texts say, read; both throw UsageError for what does not fit the architecture or is no
// list of numbers, Error for a name that is none.
ModelDescription DescriptionFrom(const TrainingArguments& arguments);
TrainOptions OptionsFrom(const TrainingArguments& arguments, std::uint64_t seed);

}  // namespace denoscope
