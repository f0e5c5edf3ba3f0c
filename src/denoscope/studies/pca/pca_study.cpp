#include "denoscope/studies/pca/pca_study.h"

#include <algorithm>

#include "denoscope/base/process.h"
#include "denoscope/runs/study_data.h"
#include "denoscope/runs/unit_loop.h"
#include "denoscope/studies/pca/pca_tables.h"
#include "denoscope/studies/pca/pca_units.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

Json Identity(const PcaStudyInput& input, const PcaStudyOptions& o) {
  Json options = {{"n", o.n},
                  {"sigmas", o.sigmas.empty() ? Json("auto") : Json(o.sigmas)},
                  {"draws", o.draws},
                  {"modes", o.modes},
                  {"exact_up_to", o.exact_up_to}};
  return {{"options", options},
          {"seed", o.seed},
          {"data", IdentityOf(input.samples)},
          {"reference", IdentityOf(input.reference)}};
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

void LearnAll(RunFolder& run,
              const PcaStudyInput& input,
              const PcaStudyOptions& options,
              const PcaReference& reference,
              const ProgressSink& progress) {
  const std::vector<PcaUnit> units =
      PcaUnits(options, {reference.sigmas.begin(), reference.sigmas.end()});
  PcaBases bases(input.samples, reference, options);
  UnitLoop loop{"pca study", "noisy bases", "bases", {}, {}, {}};
  for (const PcaUnit& unit : units) loop.names.push_back(unit.Name());
  loop.compute = [&](std::size_t i) { return ToNpz(bases.Learn(units[i])); };
  loop.note = [&](std::size_t i) {
    const PcaUnit& unit = units[i];
    return fmt::format("{}, n {}, sigma {:.3g}", SampleKindName(unit.kind), unit.n, unit.sigma);
  };
  ComputeUnits(run, loop, progress);
}

}  // namespace

void PcaStudyOptions::Check() const {
  if (n.empty()) throw Error("pca study: no n, expected at least one");
  for (const std::int64_t samples : n) {
    if (samples < 2) throw Error("pca study: n is {}, expected at least 2 samples", samples);
    if (std::count(n.begin(), n.end(), samples) > 1)
      throw Error("pca study: n {} is given twice", samples);
  }
  CheckSigmas("pca study", sigmas);
  if (draws < 1) throw Error("pca study: draws is {}, expected at least 1", draws);
  if (modes < 1) throw Error("pca study: modes is {}, expected at least 1", modes);
  if (exact_up_to < 0)
    throw Error("pca study: exact_up_to is {}, expected at least 0", exact_up_to);
}

RunFolder RunPcaStudy(const PcaStudyInput& input,
                      const PcaStudyOptions& wanted,
                      const fs::path& out,
                      bool force,
                      const ProgressSink& progress) {
  PcaStudyOptions options = wanted;
  options.Check();
  std::sort(options.n.begin(), options.n.end());
  std::sort(options.sigmas.begin(), options.sigmas.end());
  CheckSizes(input, options);
  CheckNotConstant("pca study", input.reference);
  CheckNotConstant("pca study", input.samples);
  CheckRoom(input, options);
  RunFolder run =
      BeginRun(out, StudyManifest("pca", Identity(input, options), input.record), force);
  const PcaReference reference = ReferenceOf(input, options, out / "reference.npz", progress);
  LearnAll(run, input, options, reference, progress);
  CompleteRun(run, [&] {
    for (const auto& [name, table] : PcaTables(run, options, reference))
      WriteCsv(out / name, table);
  });
  return run;
}

}  // namespace denoscope
