#include "denoscope/studies/spiked/spiked_trials.h"

namespace denoscope {

using Eigen::Index;
using Eigen::VectorXd;

SpikedTrials::SpikedTrials(const RunFolder& run, const SpikedCase& at) : count_(at.trials) {
  for (const SpikedUnit& unit : SpikedUnits(at)) {
    if (!run.HasCell(unit.Name()))
      throw Error("run '{}': unit '{}' is missing", run.Path().string(), unit.Name());
    for (const auto& [name, array] : ReadNpz(run.CellPath(unit.Name()))) {
      const std::vector<double> values = array.AsDoubles();
      if (array.shape.empty() || array.shape[0] != unit.count)
        throw Error("unit '{}': array '{}' has shape {}, expected {} rows",
                    unit.Name(),
                    name,
                    ShapeText(array.shape),
                    unit.count);
      const auto rows = static_cast<Index>(unit.count);
      blocks_[name].push_back(Eigen::Map<const RowMajor>(
          values.data(), rows, static_cast<Index>(values.size()) / rows));
    }
  }
}

VectorXd SpikedTrials::Of(const std::string& array, std::int64_t trial) const {
  auto row = static_cast<Index>(trial);
  for (const RowMajor& block : blocks_.at(array)) {
    if (row < block.rows()) return block.row(row);
    row -= block.rows();
  }
  throw Error("spiked study: trial {} does not exist, expected 0 to {}", trial, count_ - 1);
}

TrialMean SpikedTrials::Mean(const std::string& array, const Value& value) const {
  TrialSums sums;
  for (std::int64_t i = 0; i < count_; ++i) sums.Add(value(Of(array, i)));
  return sums.Result();
}

TrialMean SpikedTrials::Mean(const std::string& array) const {
  return Mean(array, [](const VectorXd& row) { return row; });
}

}  // namespace denoscope
