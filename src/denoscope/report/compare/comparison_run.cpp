#include "denoscope/report/compare/comparison_run.h"

namespace denoscope {

std::string RunBeside::Family() const {
  constexpr const char* kLinear = "linear:";
  if (model.rfind(kLinear, 0) != 0) return "";
  return model.substr(0, model.find(':', std::string(kLinear).size()));
}

std::vector<RunBeside> RunsOf(const Comparison& comparison, const std::filesystem::path& source) {
  std::vector<RunBeside> runs;
  for (const Json& entry : JsonField<Json>(comparison.summary, "runs", source)) {
    RunBeside run;
    run.label = JsonField<std::string>(entry, "label", source);
    run.model = JsonField<std::string>(entry, "model", source);
    run.data = JsonField<std::string>(entry, "data", source);
    run.n = JsonField<std::int64_t>(entry, "n", source);
    run.reference_n = JsonField<std::int64_t>(entry, "reference_n", source);
    if (const Json value = JsonField<Json>(entry, "lambda_frequency", source); value.is_number())
      run.lambda_frequency = value.get<double>();
    Table statistics = {comparison.statistics.columns, {}};
    for (std::size_t row = 0; row < comparison.statistics.rows.size(); ++row)
      if (NumberAt(comparison.statistics, row, "run") == static_cast<double>(runs.size()))
        statistics.rows.push_back(comparison.statistics.rows[row]);
    for (const EmergenceStatistics& s : StatisticsFromTable(statistics)) {
      if (s.measure != "resolved") continue;
      if (s.denoiser == "deep") run.deep = s;
      if (s.denoiser == "linear") run.linear = s;
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

bool HasControl(const std::vector<RunBeside>& runs) {
  constexpr double kClear = 0.5;
  bool falls = false, rises = false;
  for (const RunBeside& run : runs) {
    falls = falls || run.lambda_frequency < -kClear;
    rises = rises || run.lambda_frequency > kClear;
  }
  return falls && rises;
}

}  // namespace denoscope
