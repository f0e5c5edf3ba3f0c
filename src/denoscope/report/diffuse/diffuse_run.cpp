#include "denoscope/report/diffuse/diffuse_run.h"

#include <fmt/format.h>

#include "denoscope/base/error.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/results/diffuse_columns.h"

namespace denoscope {

const std::vector<ProcessStyle>& ProcessStyles() {
  static const std::vector<ProcessStyle> styles = {
      {"wiener", "repeated Wiener", fmt::format("lc rgb '{}'", kLinearColour), false},
      {"projection", "true projection", Rgb(kGrey50) + " dt (2,4)", false},
      {"ddim", "DDIM", fmt::format("lc rgb '{}'", kDeepColour), false},
      {"flow", "exact flow", Rgb(kBlack) + " dt (8,5)", false},
      {"power", "power iteration", Rgb(kOrange) + " dt (8,5)", false},
      {"learned-fresh", "fresh noise", Rgb(kGreen), true},
      {"learned-accumulated", "accumulated", Rgb(kSkyBlue), true},
      {"sequential", "sequential", Rgb(kPurple), true},
      {"injected-fresh", "fresh, injected", Rgb(kGreen) + " dt (4,4)", true},
      {"injected-accumulated", "accum., injected", Rgb(kSkyBlue) + " dt (4,4)", true}};
  return styles;
}

const ProcessStyle& StyleOf(const std::string& process) {
  for (const ProcessStyle& style : ProcessStyles())
    if (style.name == process) return style;
  throw Error("process '{}': unknown", process);
}

NumberRows DiffuseRun::Steps(const std::string& process) const {
  return NumberRows(steps).Where("schedule", schedule).Where("process", process);
}

std::vector<std::string> DiffuseRun::Schedules() const {
  std::vector<std::string> schedules;
  for (const auto& row : power.rows)
    if (schedules.empty() || schedules.back() != row[0]) schedules.push_back(row[0]);
  return schedules;
}

std::string DiffuseRun::Title() const { return fmt::format("{}, d = {}", data, Size()); }

std::string DiffuseRun::Learning() const {
  return fmt::format("n = {} {}, rank {}, {} trials",
                     n,
                     sample_kind == "images" ? "images" : "Gaussian samples",
                     rank,
                     trials);
}

DiffuseRun ReadDiffuseRun(const RunFolder& run) {
  DiffuseRun diffuse;
  diffuse.reference = run.ReadReference();
  diffuse.steps = run.ReadTable(kDiffuseSteps);
  diffuse.spectra = run.ReadTable(kDiffuseSpectra);
  diffuse.collapse = run.ReadTable(kDiffuseCollapse);
  diffuse.power = run.ReadTable(kDiffusePower);
  diffuse.ddim = run.ReadTable(kDiffuseDdim);
  diffuse.operators = run.ReadTable(kDiffuseOperators);
  diffuse.bases = run.ReadTable(kDiffuseBases);
  diffuse.assumption = run.ReadTable(kDiffuseAssumption);
  diffuse.operator_arrays = ReadNpz(run.Path() / "operators.npz");
  diffuse.samples = ReadNpz(run.Path() / "samples.npz");
  const Json& identity = run.Manifest()["identity"];
  const std::filesystem::path file = run.Path() / "run.json";
  const Json data = JsonField<Json>(identity, "data", file);
  const Json options = JsonField<Json>(identity, "options", file);
  diffuse.data = JsonField<std::string>(data, "name", file);
  diffuse.schedule = NumberRows(diffuse.steps).Text(0, "schedule");
  diffuse.sample_kind = JsonField<std::string>(options, "samples", file);
  diffuse.start = JsonField<std::string>(options, "start", file);
  diffuse.n = JsonField<std::int64_t>(options, "n", file);
  diffuse.rank = JsonField<std::int64_t>(options, "rank", file);
  diffuse.trials = JsonField<std::int64_t>(options, "trials", file);
  diffuse.starts = JsonField<std::int64_t>(options, "starts", file);
  diffuse.modes = JsonField<std::int64_t>(options, "modes", file);
  return diffuse;
}

}  // namespace denoscope
