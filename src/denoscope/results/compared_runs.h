// Finished runs of analyze, read to be laid side by side, and what differs between them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/results/run_folder.h"

namespace denoscope {

struct ComparedRun {
  std::filesystem::path path;
  std::string label;  // "unet on fashion-mnist", made unique by the folder's name
  Json identity;
  std::int64_t n = 0;  // images that its model was learned from; 0: not recorded
  Reference reference;
  Emergence emergence;
  std::vector<Evaluation> evaluations;  // by ascending sigma
  Table levels;
};

// Throws, naming the run, unless there are two or more, no folder twice, and each is a finished run
// of analyze with a training set and an evaluation, on images of one size, its records whole.
// Noise levels, options, models and data may differ.
std::vector<ComparedRun> ReadComparedRuns(const std::vector<std::filesystem::path>& paths);

// What decides the runs' content and is not the same in all: by its place in the identity, as in
// "model.name", a list of a value a run, null where it has none. An option
// that a run of another version lacks is not known to differ.
Json Differences(const std::vector<ComparedRun>& runs);

}  // namespace denoscope
