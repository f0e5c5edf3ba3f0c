#include "denoscope/results/compared_runs.h"

#include <algorithm>

#include "denoscope/base/error.h"
#include "denoscope/results/sweep_columns.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

void CheckFinished(const RunFolder& run) {
  const fs::path file = run.Path() / "run.json";
  const std::string path = run.Path().string();
  const auto kind = JsonField<std::string>(run.Manifest(), "kind", file);
  const auto status = JsonField<std::string>(run.Manifest(), "status", file);
  if (kind != kAnalyzeKind)
    throw Error("run '{}': is of kind {}, expected one of {}", path, kind, kAnalyzeKind);
  if (status != "complete")
    throw Error("run '{}': is not complete but '{}'; finish it with the command in its run.json",
                path,
                status);
  if (!fs::exists(run.Path() / kModesFile))
    throw Error("run '{}': has no training set, so no modes to compare", path);
}

void CheckRecords(const ComparedRun& run) {
  const Reference& r = run.reference;
  const std::int64_t d = ElementCount(r.image_shape);
  if (r.lambda.size() != d || !r.lambda.allFinite())
    throw Error("reference.npz: found {} variances, expected {} finite ones", r.lambda.size(), d);
  const Eigen::Index m = run.emergence.lambda.size();
  if (m < 1 || m > d) throw Error("emergence.csv: found {} modes, expected 1 to {}", m, d);
  if (run.evaluations.empty() || run.emergence.resolved.size() == 0)
    throw Error("has no evaluation, so no resolved variance to compare");
  for (std::size_t row = 0; row < run.levels.rows.size(); ++row)
    for (const std::string& column : run.levels.columns) NumberAt(run.levels, row, column);
}

std::int64_t ImagesBehind(const Json& identity) {
  const Json model = identity.value("model", Json::object());
  return model.contains("n") ? model.at("n").get<std::int64_t>() : 0;
}

ComparedRun Read(const fs::path& path) {
  const RunFolder folder = RunFolder::Open(path);
  CheckFinished(folder);
  try {
    ComparedRun run;
    run.path = path;
    run.identity = folder.Manifest()["identity"];
    run.label = SubjectOf(run.identity);
    run.n = ImagesBehind(run.identity);
    run.reference = folder.ReadReference();
    run.emergence = *folder.ReadEmergence();
    run.evaluations = folder.ReadEvaluations();
    run.levels = folder.ReadTable(kSweepLevels);
    CheckRecords(run);
    return run;
  } catch (const std::exception& e) {
    throw Error("run '{}': {}", path.string(), e.what());
  }
}

void CheckSame(const ComparedRun& first, const ComparedRun& other) {
  const auto refuse = [&](const char* what, const std::string& found, const std::string& expected) {
    throw Error("run '{}': {} {}, expected {} as in run '{}'",
                other.path.string(),
                what,
                found,
                expected,
                first.path.string());
  };
  if (fs::equivalent(first.path, other.path))
    throw Error("run '{}': is given twice, as '{}' too", other.path.string(), first.path.string());
  if (other.reference.image_shape != first.reference.image_shape)
    refuse("its images are",
           ShapeText(other.reference.image_shape),
           ShapeText(first.reference.image_shape));
  if (other.levels.columns != first.levels.columns)
    refuse("levels.csv has the columns",
           fmt::format("{}", fmt::join(other.levels.columns, ", ")),
           fmt::format("{}", fmt::join(first.levels.columns, ", ")));
}

// A label that several runs share gets the folder's name, and its number where that is the same.
void MakeUnique(std::vector<ComparedRun>& runs) {
  const auto add = [&](const auto& distinction) {
    std::vector<std::string> labels;
    for (const ComparedRun& run : runs) labels.push_back(run.label);
    for (std::size_t i = 0; i < runs.size(); ++i)
      if (labels[i].empty() || std::count(labels.begin(), labels.end(), labels[i]) > 1)
        runs[i].label += (labels[i].empty() ? "" : " ") + distinction(i);
  };
  add([&](std::size_t i) {
    const fs::path path = fs::absolute(runs[i].path).lexically_normal();
    const fs::path name = path.has_filename() ? path.filename() : path.parent_path().filename();
    return "(" + name.string() + ")";
  });
  add([](std::size_t i) { return fmt::format("#{}", i); });
}

// Every leaf by its place, as in "options.sigmas".
void AddValues(const Json& json, const std::string& at, Json& values) {
  if (!json.is_object()) {
    values[at] = json;
    return;
  }
  for (const auto& [key, value] : json.items())
    AddValues(value, at.empty() ? key : at + "." + key, values);
}

// Every option is recorded: one that is missing is of a run that another version of denoscope made,
// and not known to differ. Elsewhere what is missing says something: a model without n.
bool Differ(const std::string& place, const Json& values) {
  const bool is_option = place.rfind("options.", 0) == 0;
  const Json* known = nullptr;
  for (const Json& value : values) {
    if (is_option && value.is_null()) continue;
    if (known != nullptr && value != *known) return true;
    known = &value;
  }
  return false;
}

}  // namespace

std::vector<ComparedRun> ReadComparedRuns(const std::vector<fs::path>& paths) {
  if (paths.size() < 2)
    throw UsageError("compare: expected two or more runs, found {}", paths.size());
  std::vector<ComparedRun> runs;
  for (const fs::path& path : paths) {
    runs.push_back(Read(path));
    for (std::size_t i = 0; i + 1 < runs.size(); ++i) CheckSame(runs[i], runs.back());
  }
  MakeUnique(runs);
  return runs;
}

Json Differences(const std::vector<ComparedRun>& runs) {
  Json by_place = Json::object();  // a list of the runs' values at each place
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Json values = Json::object();
    AddValues(runs[i].identity, "", values);
    for (const auto& [place, value] : values.items()) {
      if (!by_place.contains(place)) by_place[place] = Json(runs.size(), nullptr);
      by_place[place][i] = value;
    }
  }
  Json differences = Json::object();
  for (const auto& [place, values] : by_place.items())
    if (Differ(place, values)) differences[place] = values;
  return differences;
}

}  // namespace denoscope
