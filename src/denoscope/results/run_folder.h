// A run on disk: run.json (what was asked, of what, by which program, how far it got), units of
// work as files under cells/, and what is put together from them at the end.
//
// The grid of units is known before the first is computed, and a unit depends on the run's identity
// alone. So a run that stopped goes on with the units that are missing, a shard is a run that
// leaves out other shards' units, merging copies units together, and programs that work in one
// folder at the same time claim the units that they are at (claims.h).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/files/claims.h"
#include "denoscope/files/json.h"
#include "denoscope/results/records.h"
#include "denoscope/results/table_spec.h"

namespace denoscope {

// The kinds of run, in run.json.
constexpr const char* kAnalyzeKind = "analyze";
constexpr const char* kCompareKind = "compare";
constexpr const char* kDiffuseKind = "diffuse";
constexpr const char* kPcaKind = "pca";
constexpr const char* kPosteriorKind = "posterior";
constexpr const char* kSampleKind = "sample";
constexpr const char* kSpikedKind = "spiked";

// Of a run, one row a unit; a rank adds a row "waiting".
inline constexpr TableSpec kTiming = {"timing.csv", {"unit", "seconds", "rank"}};

struct CellKey {
  std::int64_t image = 0, sigma_index = 0, draw = 0;
  double sigma = 0;
};
std::string CellName(const CellKey& key);                     // img-00003_sig-0.100000_draw-00
std::string ImageUnitName(std::int64_t image, double sigma);  // img-00003_sig-0.100000
// What such a name says, which is not the sigma_index; nothing of another name.
std::optional<CellKey> CellKeyOf(const std::string& name);
// eval_sig-0.100000; of a null denoiser null-NAME_sig-0.100000
std::string EvaluationName(double sigma, const std::string& null = "");

// "unet on fashion-mnist" of a run's identity; empty when it names neither.
std::string SubjectOf(const Json& identity);

// Where a run goes, and who hears how far it is.
struct RunTarget {
  std::filesystem::path out;
  bool force = false;  // begin anew what is there
  ProgressSink progress = [](const Progress&) {};
};

class RunFolder {
 public:
  // Opens the folder for work. `manifest` holds "kind", "version" and "identity" (options, seed,
  // model, data: whatever decides the content of units) and anything else worth recording. An
  // absent or empty folder is begun; a run with the same identity that is not complete goes on,
  // keeping its run.json; everything else throws and changes nothing: a complete run, another
  // identity (naming the first field that differs), a folder that is not a run. With force, a run
  // is begun anew, unless another program is at work in it.
  static RunFolder Begin(const RunTarget& target, Json manifest);
  static RunFolder Join(std::filesystem::path path);  // for work in a run that another has begun
  static RunFolder Open(std::filesystem::path path);  // of an existing run, throws if it is none

  const std::filesystem::path& Path() const { return path_; }
  const Json& Manifest() const { return manifest_; }
  void SetManifest(const std::string& key, Json value);  // and writes run.json
  void Complete();  // sets the status; this object is no longer at work in the folder

  // Of a run begun or joined: the claim on a unit of work, false where another program is at it or
  // has done it.
  Claims::Claim ClaimCell(const std::string& name) const;
  const Claims& TheClaims() const { return *claims_; }

  std::filesystem::path CellPath(const std::string& name) const;
  bool HasCell(const std::string& name) const;
  std::vector<std::string> CellNames() const;       // sorted, those of evaluations too
  std::vector<std::string> ImageCellNames() const;  // of an image each, sorted

  std::vector<Cell> ReadCells() const;  // sorted by image, draw, sigma_index
  // Sorted by sigma_index; empty if there are none. Of a null denoiser: by its name.
  std::vector<Evaluation> ReadEvaluations(const std::string& null = "") const;
  Reference ReadReference() const;
  std::optional<Emergence> ReadEmergence() const;  // nothing without a training set
  Table ReadTable(const TableSpec& spec) const;    // throws, naming the file, where there is none
  Table ReadTableIf(const TableSpec& spec) const;  // empty where there is none

 private:
  RunFolder(std::filesystem::path path, Json manifest);
  std::filesystem::path path_;
  Json manifest_;
  std::shared_ptr<const Claims> claims_;  // of a run opened to be read: none
};

// Copies the units of `runs`, shards of one run, into a new folder with the first one's manifest.
// Throws when identities differ or when two runs hold different bytes for one unit. Whether the
// grid is whole is for the caller to check.
RunFolder MergeRuns(const std::vector<std::filesystem::path>& runs, const RunTarget& target);

}  // namespace denoscope
