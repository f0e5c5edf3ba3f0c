// The trials of one case of a spiked study, read from all its units.
#pragma once

#include <Eigen/Dense>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/studies/spiked/spiked_units.h"
#include "denoscope/theory/spiked/learning_trials.h"

namespace denoscope {

class SpikedTrials {
 public:
  // Throws naming a unit that is missing.
  SpikedTrials(const RunFolder& run, const SpikedCase& at);

  std::int64_t Count() const { return count_; }
  Eigen::VectorXd Of(const std::string& array, std::int64_t trial) const;  // flattened

  // Mean and standard error of value(row of the array) over trials, each (values,1).
  using Value = std::function<Eigen::VectorXd(const Eigen::VectorXd&)>;
  TrialMean Mean(const std::string& array, const Value& value) const;
  TrialMean Mean(const std::string& array) const;

 private:
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  std::int64_t count_ = 0;
  std::map<std::string, std::vector<RowMajor>> blocks_;
};

}  // namespace denoscope
