#include "denoscope/results/run_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <tuple>

#include "denoscope/files/atomic_file.h"
#include "denoscope/files/temporary_files.h"
#include "denoscope/results/emergence_columns.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
constexpr const char* kCellPrefix = "img-";
constexpr const char* kClaims = ".claims";

std::string EvaluationPrefix(const std::string& null) {
  return null.empty() ? "eval_" : "null-" + null + "_";
}

// The first leaf at which two documents differ, as "options.sigmas", or nothing.
std::optional<std::string> FirstDifference(const Json& a,
                                           const Json& b,
                                           const std::string& at = "") {
  if (a == b) return std::nullopt;
  if (!a.is_object() || !b.is_object()) return at;
  const auto inside = [&](const std::string& key) { return at.empty() ? key : at + "." + key; };
  for (const auto& [key, value] : a.items()) {
    if (!b.contains(key)) return inside(key);
    if (auto found = FirstDifference(value, b[key], inside(key))) return found;
  }
  for (const auto& [key, value] : b.items())
    if (!a.contains(key)) return inside(key);
  return at;
}

constexpr const char* kNothing = "nothing";

std::string ValueAt(const Json& json, const std::string& dotted) {
  const Json* at = &json;
  for (std::size_t begin = 0; begin < dotted.size();) {
    const std::size_t end = std::min(dotted.find('.', begin), dotted.size());
    const std::string key = dotted.substr(begin, end - begin);
    if (!at->is_object() || !at->contains(key)) return kNothing;
    at = &(*at)[key];
    begin = end + 1;
  }
  return at->dump();
}

// All options are recorded: one that stands on one side alone is of another version.
std::string VersionNote(const std::string& field, const std::string& is, const std::string& now) {
  const bool one_sided = is == kNothing || now == kNothing;
  return one_sided && field.rfind("options.", 0) == 0 ? ", by another version of denoscope" : "";
}

struct WantedIdentity {
  const Json& identity;
  std::string whose, advice;  // of the message
};

void CheckSameIdentity(const Json& manifest, const WantedIdentity& wanted, const fs::path& path) {
  const Json& found = manifest["identity"];
  const auto field = FirstDifference(found, wanted.identity);
  if (!field) return;
  const std::string is = ValueAt(found, *field), other = ValueAt(wanted.identity, *field);
  throw Error("run '{}': {}was made with {} = {}, {} {}{}; {}",
              path.string(),
              manifest["status"] == "complete" ? "is complete and " : "",
              *field,
              is,
              wanted.whose,
              other,
              VersionNote(*field, is, other),
              wanted.advice);
}

// Only what a run writes is ever deleted: its cells, figures, tables, arrays and page.
void RemoveRun(const fs::path& path) {
  for (const char* part : {"cells", "figures"}) fs::remove_all(path / part);
  for (const auto& entry : fs::directory_iterator(path)) {
    const fs::path ending = entry.path().extension();
    if (ending == ".csv" || ending == ".npz") fs::remove(entry.path());
  }
  for (const char* part : {"report.html", "run.json"}) fs::remove(path / part);
}

std::string NameIn(const Json& identity, const std::string& part) {
  if (!identity.contains(part) || !identity[part].is_object()) return "";
  return identity[part].contains("name") && identity[part]["name"].is_string()
             ? identity[part]["name"].get<std::string>()
             : "";
}

bool IsEmpty(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path name = entry.path().filename();
    if (name != kClaims && !(name == "cells" && fs::is_empty(entry.path()))) return false;
  }
  return true;
}

// Whether there is a run at `path`; throws where it may neither go on nor be begun.
bool CheckMayBegin(const RunTarget& target, const Json& manifest) {
  const fs::path& path = target.out;
  const bool is_run = fs::exists(path / "run.json");
  if (!is_run && fs::exists(path) && !(fs::is_directory(path) && IsEmpty(path)))
    throw Error("folder '{}': exists and is not a run, choose another --out", path.string());
  if (!is_run || target.force) return is_run;
  const RunFolder run = RunFolder::Open(path);
  CheckSameIdentity(
      run.Manifest(),
      {manifest["identity"], "now", "choose another folder, or --force to start again"},
      path);
  if (run.Manifest()["status"] == "complete")
    throw Error(
        "run '{}': is complete, use --force to make it again; denoscope report makes its figures",
        path.string());
  return true;
}

// An NFS client may remember for a while that a name was absent; a file made in the folder makes it
// look again.
void ForgetAbsence(const fs::path& folder) {
  const fs::path file = folder / fmt::format("look.tmp-{}", ::getpid());
  std::ofstream(file).close();
  std::error_code ignored;
  fs::remove(file, ignored);
}

}  // namespace

std::string CellName(const CellKey& key) {
  return fmt::format("{}_draw-{:02}", ImageUnitName(key.image, key.sigma), key.draw);
}

std::string ImageUnitName(std::int64_t image, double sigma) {
  return fmt::format("{}{:05}_sig-{:.6f}", kCellPrefix, image, sigma);
}

std::optional<CellKey> CellKeyOf(const std::string& name) {
  long long image = 0, draw = 0;
  double sigma = 0;
  int end = 0;
  if (std::sscanf(name.c_str(), "img-%lld_sig-%lf_draw-%lld%n", &image, &sigma, &draw, &end) != 3 ||
      end != static_cast<int>(name.size()))
    return std::nullopt;
  return CellKey{image, 0, draw, sigma};
}

std::string EvaluationName(double sigma, const std::string& null) {
  return fmt::format("{}sig-{:.6f}", EvaluationPrefix(null), sigma);
}

std::string SubjectOf(const Json& identity) {
  const std::string model = NameIn(identity, "model"), data = NameIn(identity, "data");
  return model.empty() || data.empty() ? model + data : model + " on " + data;
}

RunFolder::RunFolder(fs::path path, Json manifest)
    : path_(std::move(path)), manifest_(std::move(manifest)) {}

RunFolder RunFolder::Begin(const RunTarget& target, Json manifest) {
  const fs::path& path = target.out;
  CheckMayBegin(target, manifest);
  fs::create_directories(path);
  const auto claims = std::make_shared<const Claims>(path / kClaims);
  const Claims::Claim beginning = claims->Wait("begin");
  const bool is_run = CheckMayBegin(target, manifest);  // another may have been faster
  if (is_run && !target.force) {
    RunFolder run = Open(path);
    if (claims->Alone())
      for (const fs::path& folder : {path, path / "cells"}) RemoveTemporaries(folder);
    run.claims_ = claims;
    return run;
  }
  if (is_run && !claims->Alone())
    throw Error("run '{}': another program is at work in it, no time for --force", path.string());
  if (is_run) RemoveRun(path);
  fs::create_directories(path / "cells");
  RunFolder run(path, std::move(manifest));
  run.claims_ = claims;
  run.SetManifest("status", "unfinished");
  return run;
}

RunFolder RunFolder::Join(fs::path path) {
  RunFolder run = Open(std::move(path));
  run.claims_ = std::make_shared<const Claims>(run.path_ / kClaims);
  return run;
}

RunFolder RunFolder::Open(fs::path path) {
  const fs::path file = path / "run.json";
  if (!fs::exists(file)) throw Error("run '{}': has no run.json", path.string());
  Json manifest = ReadJson(file);
  constexpr int kVersion = 1;
  if (const int version = JsonField<int>(manifest, "version", file); version != kVersion)
    throw Error("run '{}': format version {}, expected {}", path.string(), version, kVersion);
  JsonField<std::string>(manifest, "kind", file);
  JsonField<Json>(manifest, "identity", file);
  JsonField<std::string>(manifest, "status", file);
  return {std::move(path), std::move(manifest)};
}

void RunFolder::SetManifest(const std::string& key, Json value) {
  manifest_[key] = std::move(value);
  WriteJson(path_ / "run.json", manifest_);
}

void RunFolder::Complete() {
  // Of programs that died: all units are there, and who adds to timing.csv claims it first.
  if (fs::exists(path_ / "cells")) RemoveTemporaries(path_ / "cells");
  if (claims_) {
    const Claims::Claim claim = claims_->Wait("timing");
    RemoveTemporaries(path_, kTiming.file);
  }
  SetManifest("status", "complete");
  claims_.reset();
}

fs::path RunFolder::CellPath(const std::string& name) const {
  return path_ / "cells" / (name + ".npz");
}

Claims::Claim RunFolder::ClaimCell(const std::string& name) const {
  if (HasCell(name)) return {};
  Claims::Claim claim = claims_->Try("cell " + name);
  if (!claim) return {};
  if (!claims_->Alone()) ForgetAbsence(path_ / "cells");
  return HasCell(name) ? Claims::Claim() : std::move(claim);
}

bool RunFolder::HasCell(const std::string& name) const { return fs::exists(CellPath(name)); }

std::vector<std::string> RunFolder::CellNames() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_ / "cells"))
    if (entry.path().extension() == ".npz") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> RunFolder::ImageCellNames() const {
  std::vector<std::string> names;
  for (std::string& name : CellNames())
    if (name.rfind(kCellPrefix, 0) == 0) names.push_back(std::move(name));
  return names;
}

std::vector<Cell> RunFolder::ReadCells() const {
  std::vector<Cell> cells;
  for (const std::string& name : ImageCellNames())
    cells.push_back(CellFromNpz(ReadNpz(CellPath(name)), CellPath(name).string()));
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return std::tie(a.image, a.draw, a.sigma_index) < std::tie(b.image, b.draw, b.sigma_index);
  });
  return cells;
}

std::vector<Evaluation> RunFolder::ReadEvaluations(const std::string& null) const {
  const std::string prefix = EvaluationPrefix(null);
  std::vector<Evaluation> evaluations;
  for (const std::string& name : CellNames())
    if (name.rfind(prefix, 0) == 0)
      evaluations.push_back(EvaluationFromNpz(ReadNpz(CellPath(name)), CellPath(name).string()));
  std::sort(evaluations.begin(), evaluations.end(), [](const Evaluation& a, const Evaluation& b) {
    return a.sigma_index < b.sigma_index;
  });
  return evaluations;
}

Reference RunFolder::ReadReference() const {
  const fs::path file = path_ / "reference.npz";
  return ReferenceFromNpz(ReadNpz(file), file.string());
}

std::optional<Emergence> RunFolder::ReadEmergence() const {
  if (!fs::exists(path_ / kModesFile)) return std::nullopt;
  return EmergenceFromFiles({ReadNpz(path_ / kModesFile),
                             ReadTable(kModeHalves),
                             ReadTableIf(kBandHalves),
                             ReadTable(kStatistics)});
}

Table RunFolder::ReadTable(const TableSpec& spec) const { return ReadCsv(path_ / spec.file); }

Table RunFolder::ReadTableIf(const TableSpec& spec) const {
  return fs::exists(path_ / spec.file) ? ReadTable(spec) : Table();
}

RunFolder MergeRuns(const std::vector<fs::path>& runs, const RunTarget& target) {
  const fs::path& out = target.out;
  if (runs.empty()) throw Error("merge: no runs given");
  const RunFolder first = RunFolder::Open(runs[0]);
  if (first.Manifest()["kind"] != kAnalyzeKind)
    throw Error("merge: run '{}' is of kind {}, expected shards of {}",
                runs[0].string(),
                first.Manifest()["kind"].dump(),
                kAnalyzeKind);
  const WantedIdentity wanted = {first.Manifest()["identity"],
                                 fmt::format("run '{}' with", runs[0].string()),
                                 "merge takes shards of one run"};
  for (const fs::path& path : runs) {
    CheckSameIdentity(RunFolder::Open(path).Manifest(), wanted, path);
    if (fs::exists(out) && fs::equivalent(path, out))
      throw Error("merge: the output '{}' is one of the runs, choose another", path.string());
  }
  Json manifest = first.Manifest();
  manifest.erase("shard");
  Json merged = Json::array();
  for (const fs::path& path : runs) merged.push_back(path.string());
  manifest["merged_from"] = merged;
  RunFolder whole = RunFolder::Begin(target, manifest);
  for (const fs::path& path : runs) {
    const RunFolder run = RunFolder::Open(path);
    for (const std::string& name : run.CellNames()) {
      const std::string bytes = ReadFile(run.CellPath(name));
      if (!whole.HasCell(name))
        WriteFile(whole.CellPath(name), bytes);
      else if (ReadFile(whole.CellPath(name)) != bytes)
        throw Error(
            "merge: unit '{}' of run '{}' differs from an earlier run's", name, path.string());
    }
  }
  WriteFile(out / "reference.npz", ReadFile(runs[0] / "reference.npz"));
  return whole;
}

}  // namespace denoscope
