#include "denoscope/runs/study_run.h"

#include "denoscope/ranks/ranks.h"
#include "denoscope/runs/study_data.h"

namespace denoscope {
namespace {

Json ManifestOf(const Study& study) {
  Json manifest = {{"kind", study.kind}, {"version", 1}, {"identity", study.identity}};
  for (const auto& [key, value] : study.record.items()) manifest[key] = value;
  return manifest;
}

}  // namespace

Json ModelInputs(const Json& model,
                 const ImageSet& images,
                 std::int64_t n,
                 const std::string& pca) {
  return {
      {"model", model}, {"data", IdentityOf(images)}, {"reference", {{"n", n}, {"sha256", pca}}}};
}

StudyRun::StudyRun(const Study& study, const RunTarget& target)
    : run_(BeginRun(target, ManifestOf(study))), progress_(target.progress) {}

void StudyRun::WriteByFirst(const std::string& name, const Npz& npz) const {
  if (Ranks::OfThisJob().IsFirst()) WriteNpz(File(name), npz);
}

RunFolder StudyRun::Complete(const std::function<void()>& write_tables) {
  CompleteRun(run_, write_tables);
  return run_;
}

}  // namespace denoscope
