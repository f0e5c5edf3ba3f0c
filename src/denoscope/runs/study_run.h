// What all studies in a run folder have in common: an identity that holds every option, work in
// units of a name each, arrays that the first rank writes, and tables at the end.
//
//   StudyRun run({"sample", StudyIdentity(options, inputs), record}, target);
//   run.Compute({"sample", "sampling", "units"}, units, [&](const Unit& unit) { return Npz(..); });
//   return run.Complete([&] { .. tables .. });
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "denoscope/data/image_set.h"
#include "denoscope/files/option_json.h"
#include "denoscope/runs/unit_loop.h"

namespace denoscope {

// "options" and "seed", and with them all that the study is of: model, data, reference.
template <typename Options>
Json StudyIdentity(const Options& options, const Json& inputs);

// The options of a run, which has none but its folder. Throws naming one that its identity lacks.
template <typename Options>
Options OptionsOf(const RunFolder& run);

// The inputs of a study of a model: n images, 0: none, behind the PCA of this hash.
Json ModelInputs(const Json& model, const ImageSet& images, std::int64_t n, const std::string& pca);

struct Study {
  std::string kind;  // of run.json: "sample"
  Json identity;
  Json record;  // recorded only
};

class StudyRun {
 public:
  StudyRun(const Study& study, const RunTarget& target);  // begins or resumes

  RunFolder& Folder() { return run_; }
  std::filesystem::path File(const std::string& name) const { return run_.Path() / name; }
  void WriteByFirst(const std::string& name, const Npz& npz) const;  // by the first rank, for all

  // Units have a Name() and a Note() for the progress line. Throws Interrupted, with finished units
  // kept, when cancelled.
  template <typename Unit, typename ComputeOne>
  void Compute(const UnitWords& words, const std::vector<Unit>& units, const ComputeOne& compute) {
    UnitLoop loop{words, {}, {}, {}};
    for (const Unit& unit : units) loop.names.push_back(unit.Name());
    loop.compute = [&](std::size_t i) -> Npz { return compute(units[i]); };
    loop.note = [&](std::size_t i) { return units[i].Note(); };
    ComputeUnits(run_, loop, progress_);
  }

  RunFolder Complete(const std::function<void()>& write_tables);

 private:
  RunFolder run_;
  ProgressSink progress_;
};

template <typename Options>
Json StudyIdentity(const Options& options, const Json& inputs) {
  Json all = OptionsToJson(options);
  const Json seed = all.at("seed");
  all.erase("seed");
  Json identity = {{"options", std::move(all)}, {"seed", seed}};
  for (const auto& [key, value] : inputs.items()) identity[key] = value;
  return identity;
}

template <typename Options>
Options OptionsOf(const RunFolder& run) {
  const std::filesystem::path file = run.Path() / "run.json";
  const Json& identity = run.Manifest()["identity"];
  Json all = JsonField<Json>(identity, "options", file);
  all["seed"] = JsonField<Json>(identity, "seed", file);
  return OptionsFromJson<Options>(all, file);
}

}  // namespace denoscope
