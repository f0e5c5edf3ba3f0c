#include "denoscope/report/sample/sample_run.h"

#include "denoscope/report/plots/words.h"
#include "denoscope/results/sample_columns.h"

namespace denoscope {

std::size_t SampleRun::Samples() const {
  return NumberRows(all_paths).Where("process", "deep").Count();
}

std::size_t SampleRun::Whole(const std::string& process) const {
  const NumberRows rows = NumberRows(all_paths).Where("process", process);
  std::size_t whole = 0;
  for (std::size_t i = 0; i < rows.Count(); ++i)
    whole += rows.At(i, "diverged") < 0 && rows.At(i, "finished") >= 0;
  return whole;
}

std::string SampleRun::Process() const {
  if (fixed_sigma > 0)
    return fmt::format("{} {} times at sigma {}", sampler, levels, SigmaText(fixed_sigma));
  const auto& sigmas = paths.deep.sigmas;
  return fmt::format("{}, sigma {} to {}, {} levels",
                     sampler,
                     SigmaText(sigmas.row(0).mean()),
                     SigmaText(sigmas.row(sigmas.rows() - 1).mean()),
                     levels);
}

SampleRun ReadSampleRun(const RunFolder& run) {
  const Json& manifest = run.Manifest();
  const std::filesystem::path file = run.Path() / "run.json";
  const Json options = JsonField<Json>(manifest["identity"], "options", file);
  SampleRun contents;
  contents.subject = SubjectOf(manifest["identity"]);
  contents.sampler = JsonField<std::string>(options, "sampler", file);
  contents.start = JsonField<std::string>(options, "start", file);
  contents.outside_training = manifest.value("outside_training", "");
  contents.start_note = manifest.value("start_note", "");
  contents.fixed_sigma = options.value("fixed_sigma", 0.0);
  contents.levels = static_cast<Eigen::Index>(JsonField<Json>(options, "levels", file).size());
  const std::vector<std::string> names = run.CellNames();
  for (const std::string& name : names)
    if (name.rfind(kPathsPrefix, 0) == 0) {
      contents.paths =
          TrajectoriesFromNpz(ReadNpz(run.CellPath(name)), run.CellPath(name).string());
      break;
    }
  contents.all_paths = run.ReadTableIf(kSamplePaths);
  contents.steps = run.ReadTableIf(kSampleSteps);
  contents.emergence_steps = run.ReadTableIf(kSampleCurves);
  contents.emergence = run.ReadTableIf(kSampleHalves);
  contents.statistics = run.ReadTableIf(kSampleStatistics);
  contents.collapse = run.ReadTableIf(kSampleCollapse);
  contents.fixed_points = run.ReadTableIf(kSampleFixedPoints);
  return contents;
}

}  // namespace denoscope
