#include "denoscope/studies/diffuse/diffuse_study.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/process.h"
#include "denoscope/image/tensors.h"
#include "denoscope/runs/study_data.h"
#include "denoscope/runs/unit_loop.h"
#include "denoscope/studies/diffuse/diffuse_tables.h"
#include "denoscope/studies/diffuse/diffuse_units.h"
#include "denoscope/theory/frequency/dct.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Eigen::Index;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr std::int64_t kLargestSize = 4096;  // d of which the whole basis is computed

Json Identity(const DiffuseStudyInput& input, const DiffuseStudyOptions& o) {
  Json options = {{"samples", o.gaussian_samples ? "gaussian" : "images"},
                  {"n", o.n},
                  {"rank", o.rank},
                  {"trials", o.trials},
                  {"starts", o.starts},
                  {"modes", o.modes},
                  {"start", o.start == StartKind::kMatched ? "matched" : "noise"},
                  {"injection", o.injection == Injection::kStepVariance ? "step" : "next"},
                  {"taus", o.taus}};
  if (o.sigmas.empty())
    options["schedule"] = {{"kind", ScheduleName(o.schedule.kind)},
                           {"levels", o.schedule.levels},
                           {"largest", o.schedule.largest},
                           {"smallest", o.schedule.smallest}};
  else
    options["sigmas"] = o.sigmas;
  return {{"options", options},
          {"seed", o.seed},
          {"data", IdentityOf(input.samples)},
          {"reference", IdentityOf(input.reference)}};
}

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
  if (!o.gaussian_samples && o.n > samples.Count())
    throw Error("diffuse study: n is {}, expected at most the {} images of '{}' ({})",
                o.n,
                samples.Count(),
                samples.Name(),
                samples.Split());
  ChainOptions{o.n, o.rank, o.seed}.Check(d);
  CheckMemory("diffuse study",
              48 * d * d + (o.gaussian_samples ? 0 : 8 * samples.Count() * d) +
                  o.threads * (24 * o.n * d + 800 * o.schedule.levels * d),
              fmt::format("d = {}, n = {}", d, o.n));
}

Reference WholeReference(const ImageSet& images) {
  const Pca pca = PcaOf(images);
  Reference r;
  r.image_shape = {images.ImageSize().C, images.ImageSize().H, images.ImageSize().W};
  r.n = pca.n;
  r.data_sha256 = images.Sha256();
  r.mean = pca.mean;
  r.lambda = pca.eigenvalues;
  r.basis = pca.basis.cast<float>();
  r.frequency = DctBasis(images.ImageSize()).MeanFrequency(pca.basis);
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
  if (options.gaussian_samples) return std::make_unique<GaussianSource>(reference.lambda);
  return std::make_unique<EmpiricalSource>(Coordinates(input.samples, reference));
}

void LearnAll(RunFolder& run,
              const DiffuseStudyInput& input,
              const DiffuseStudyOptions& options,
              const Reference& reference,
              const ProgressSink& progress) {
  const DiffuseProblem problem = MakeDiffuseProblem(options, reference);
  const auto source = SourceFor(input, options, reference);
  const std::vector<DiffuseUnit> units = DiffuseUnits(options);
  UnitLoop loop{"diffuse study", "learned bases", "units", {}, {}, {}};
  for (const DiffuseUnit& unit : units) loop.names.push_back(unit.Name());
  loop.compute = [&](std::size_t i) {
    return ToNpz(ComputeDiffuseUnit(*source, problem, options, units[i], {}));
  };
  loop.note = [&](std::size_t i) { return fmt::format("{} trials a unit", units[i].count); };
  ComputeUnits(run, loop, progress);
}

}  // namespace

void DiffuseStudyOptions::Check() const {
  StudiedLevels(*this);
  ChainOptions{n, 1, seed}.Check(1);
  for (const auto& [name, value, least] : {std::tuple{"rank", rank, 1},
                                           std::tuple{"trials", trials, 1},
                                           std::tuple{"starts", starts, 2},
                                           std::tuple{"modes", modes, 2}})
    if (value < least)
      throw Error("diffuse study: {} is {}, expected at least {}", name, value, least);
  if (taus.empty()) throw Error("diffuse study: no tau, expected at least one");
  for (const std::int64_t tau : taus) {
    if (tau < 1) throw Error("diffuse study: tau is {}, expected at least 1", tau);
    if (std::count(taus.begin(), taus.end(), tau) > 1)
      throw Error("diffuse study: tau {} is given twice", tau);
  }
}

std::vector<NamedLevels> StudiedLevels(const DiffuseStudyOptions& options) {
  ScheduleOptions schedule = options.schedule;
  std::vector<NamedLevels> all;
  if (options.sigmas.empty()) {
    all.push_back({ScheduleName(schedule.kind), NoiseLevels(schedule)});
  } else {
    const auto count = static_cast<Index>(options.sigmas.size());
    all.push_back({"given", Eigen::Map<const VectorXd>(options.sigmas.data(), count)});
    CheckNoiseLevels(all.front().levels);
    schedule = {Schedule::kKarras, count, options.sigmas.front(), options.sigmas.back()};
  }
  for (const Schedule kind :
       {Schedule::kKarras, Schedule::kGeometric, Schedule::kConstantVariance}) {
    schedule.kind = kind;
    if (ScheduleName(kind) != all.front().name)
      all.push_back({ScheduleName(kind), NoiseLevels(schedule)});
  }
  return all;
}

Index FirstVisibleLevel(const VectorXd& levels, const VectorXd& lambda, std::int64_t n) {
  const double gamma = static_cast<double>(lambda.size()) / static_cast<double>(n);
  const double critical = CriticalSigma(lambda(0), gamma);
  for (Index i = 0; i < levels.size(); ++i)
    if (levels(i) < critical) return i;
  return 0;
}

RunFolder RunDiffuseStudy(const DiffuseStudyInput& input,
                          const DiffuseStudyOptions& options,
                          const fs::path& out,
                          bool force,
                          const ProgressSink& progress) {
  options.Check();
  CheckSizes(input, options);
  CheckNotConstant("diffuse study", input.reference);
  CheckNotConstant("diffuse study", input.samples);
  RunFolder run =
      BeginRun(out, StudyManifest("diffuse", Identity(input, options), input.record), force);
  const Reference reference = ReferenceOf(input.reference, out / "reference.npz", progress);
  LearnAll(run, input, options, reference, progress);
  CompleteRun(run, [&] { WriteDiffuseResults(run, options, reference); });
  return run;
}

}  // namespace denoscope
