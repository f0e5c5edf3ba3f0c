#include "denoscope/studies/pca/pca_study.h"

#include <algorithm>

#include "denoscope/base/process.h"
#include "denoscope/runs/study_data.h"
#include "denoscope/runs/study_run.h"
#include "denoscope/studies/pca/pca_tables.h"
#include "denoscope/studies/pca/pca_units.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

Json Identity(const PcaStudyInput& input, const PcaStudyOptions& options) {
  Json identity = StudyIdentity(
      options, {{"data", IdentityOf(input.samples)}, {"reference", IdentityOf(input.reference)}});
  if (options.sigmas.empty()) identity["options"]["sigmas"] = "auto";
  return identity;
}

void CheckSizes(const PcaStudyInput& input, const PcaStudyOptions& o) {
  const ImageSet& samples = input.samples;
  const std::int64_t d = samples.ImageSize().Size();
  if (input.reference.ImageSize() != samples.ImageSize())
    throw Error(
        "pca study: images of the reference have {} values and the samples {}, expected "
        "the same size",
        input.reference.ImageSize().Size(),
        d);
  for (const std::int64_t n : o.n) {
    if (n > samples.Count())
      throw Error("pca study: n is {}, expected at most the {} images of '{}' ({})",
                  n,
                  samples.Count(),
                  samples.Name(),
                  samples.Split());
    if (o.modes > std::min(d, n - 1))
      throw Error("pca study: modes is {}, expected at most {}: d = {}, n = {}, centred",
                  o.modes,
                  std::min(d, n - 1),
                  d,
                  n);
  }
  if (o.modes > std::min(d, input.reference.Count() - 1))
    throw Error("pca study: modes is {}, expected at most {}: d = {} and {} reference images",
                o.modes,
                std::min(d, input.reference.Count() - 1),
                d,
                input.reference.Count());
}

// Samples and noisy samples, and two squares of the smaller side with LAPACK's copy.
void CheckRoom(const PcaStudyInput& input, const PcaStudyOptions& o) {
  const std::int64_t d = input.samples.ImageSize().Size();
  const std::int64_t n = *std::max_element(o.n.begin(), o.n.end());
  const std::int64_t side = std::min(d, n);
  const std::int64_t reference = d <= o.exact_up_to ? 36 * d * d : 4 * d * (1024 + 20 * o.modes);
  CheckMemory("pca study",
              std::max(20 * n * d + 24 * side * side, reference),
              fmt::format("d = {}, n = {}", d, n));
}

// Of an unfinished run its own, so that a long PCA is not done again.
PcaReference ReferenceOf(const PcaStudyInput& input,
                         const PcaStudyOptions& o,
                         const fs::path& file,
                         const ProgressSink& progress) {
  if (fs::exists(file)) return PcaReferenceFromNpz(ReadNpz(file), file.string());
  progress({"reference PCA", 0, 1, 0, "done", ""});
  PcaReference reference;
  try {
    reference = MakePcaReference(
        input.reference, input.samples, {o.modes, o.exact_up_to, o.sigmas, o.seed});
  } catch (const Interrupted&) {
    throw Interrupted("pca study: interrupted in the reference PCA, which starts again next time");
  }
  progress({"reference PCA", 1, 1, 0, "done", ""});
  WriteNpz(file, ToNpz(reference));
  return reference;
}

}  // namespace

RunFolder RunPcaStudy(const PcaStudyInput& input,
                      const PcaStudyOptions& wanted,
                      const RunTarget& target) {
  const PcaStudyOptions options = ResolvePcaStudy(wanted);
  CheckSizes(input, options);
  CheckNotConstant("pca study", input.reference);
  CheckNotConstant("pca study", input.samples);
  CheckRoom(input, options);
  StudyRun run({kPcaKind, Identity(input, options), input.record}, target);
  const PcaReference reference =
      ReferenceOf(input, options, run.File("reference.npz"), target.progress);
  PcaBases bases(input.samples, reference, options);
  run.Compute({"pca study", "noisy bases", "bases"},
              PcaUnits(options, {reference.sigmas.begin(), reference.sigmas.end()}),
              [&](const PcaUnit& unit) { return ToNpz(bases.Learn(unit)); });
  return run.Complete([&] {
    for (const auto& [name, table] : PcaTables(run.Folder(), options, reference))
      WriteCsv(run.File(name), table);
  });
}

}  // namespace denoscope
