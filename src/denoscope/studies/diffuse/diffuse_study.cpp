#include "denoscope/studies/diffuse/diffuse_study.h"

#include <algorithm>

#include "denoscope/base/process.h"
#include "denoscope/image/tensors.h"
#include "denoscope/measure/reference.h"
#include "denoscope/runs/study_data.h"
#include "denoscope/runs/study_run.h"
#include "denoscope/studies/diffuse/diffuse_tables.h"
#include "denoscope/studies/diffuse/diffuse_units.h"
#include "denoscope/theory/frequency/dct.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Eigen::MatrixXf;

constexpr std::int64_t kLargestSize = 4096;  // d of which the whole basis is computed

void CheckSizes(const DiffuseStudyInput& input, const DiffuseStudyOptions& o) {
  const ImageSet &reference = input.reference, &samples = input.samples;
  const std::int64_t d = samples.ImageSize().Size();
  if (reference.ImageSize() != samples.ImageSize())
    throw Error(
        "diffuse study: images of the reference have {} values and the samples {}, expected the "
        "same size",
        reference.ImageSize().Size(),
        d);
  if (d > kLargestSize)
    throw Error(
        "diffuse study: images have d = {} values, expected at most {}: the whole spectrum is "
        "needed",
        d,
        kLargestSize);
  if (o.samples == SampleKind::kImages && o.n > samples.Count())
    throw Error("diffuse study: n is {}, expected at most the {} images of '{}' ({})",
                o.n,
                samples.Count(),
                samples.Name(),
                samples.Split());
  ChainOptions{o.n, o.rank, o.seed}.Check(d);
  CheckMemory("diffuse study",
              48 * d * d + (o.samples == SampleKind::kImages ? 8 * samples.Count() * d : 0) +
                  o.threads * (24 * o.n * d + 800 * o.schedule.levels * d),
              fmt::format("d = {}, n = {}", d, o.n));
}

Reference WholeReference(const ImageSet& images) {
  const Pca pca = PcaOf(images);
  Reference r = ReferenceOfShape(images.ImageSize());
  SetModes(pca, pca.basis.cols(), images.Sha256(), DctBasis(images.ImageSize()), r);
  return r;
}

// Through its file in any case, so that a resumed run goes on with the same numbers.
Reference ReferenceOf(const ImageSet& images, const fs::path& file, const ProgressSink& progress) {
  if (!fs::exists(file)) {
    progress({"reference PCA", 0, 1, 0, "done", ""});
    WriteNpz(file, ToNpz(WholeReference(images)));
    progress({"reference PCA", 1, 1, 0, "done", ""});
  }
  return ReferenceFromNpz(ReadNpz(file), file.string());
}

// (d,N), U^T (x - m).
MatrixXf Coordinates(const ImageSet& images, const Reference& reference) {
  constexpr std::int64_t kBlock = 1024;
  const Eigen::VectorXf mean = reference.mean.cast<float>();
  MatrixXf coordinates(reference.basis.rows(), images.Count());
  for (std::int64_t begin = 0; begin < images.Count(); begin += kBlock) {
    const std::int64_t end = std::min(begin + kBlock, images.Count());
    const MatrixXf block = ToMatrixF(images.Range(begin, end).flatten(1)).transpose();
    coordinates.middleCols(begin, end - begin).noalias() =
        reference.basis.transpose() * (block.colwise() - mean);
  }
  return coordinates;
}

std::unique_ptr<NoisySource> SourceFor(const DiffuseStudyInput& input,
                                       const DiffuseStudyOptions& options,
                                       const Reference& reference) {
  if (options.samples == SampleKind::kGaussian)
    return std::make_unique<GaussianSource>(reference.lambda);
  return std::make_unique<EmpiricalSource>(Coordinates(input.samples, reference));
}

}  // namespace

RunFolder RunDiffuseStudy(const DiffuseStudyInput& input,
                          const DiffuseStudyOptions& options,
                          const RunTarget& target) {
  options.Check();
  CheckSizes(input, options);
  CheckNotConstant("diffuse study", input.reference);
  CheckNotConstant("diffuse study", input.samples);
  const Json inputs = {{"data", IdentityOf(input.samples)},
                       {"reference", IdentityOf(input.reference)}};
  StudyRun run({kDiffuseKind, StudyIdentity(options, inputs), input.record}, target);
  const Reference reference =
      ReferenceOf(input.reference, run.File("reference.npz"), target.progress);
  const DiffuseProblem problem = MakeDiffuseProblem(options, reference);
  const auto source = SourceFor(input, options, reference);
  run.Compute({"diffuse study", "learned bases", "units"},
              DiffuseUnits(options),
              [&](const DiffuseUnit& unit) {
                return ToNpz(ComputeDiffuseUnit(*source, problem, options, unit, {}));
              });
  return run.Complete([&] { WriteDiffuseResults(run.Folder(), options, reference); });
}

}  // namespace denoscope
