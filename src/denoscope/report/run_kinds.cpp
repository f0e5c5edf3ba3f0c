#include "denoscope/report/run_kinds.h"

#include <algorithm>
#include <filesystem>

#include "denoscope/base/error.h"
#include "denoscope/files/temporary_files.h"
#include "denoscope/report/compare/comparison_figures.h"
#include "denoscope/report/compare/comparison_findings.h"
#include "denoscope/report/diffuse/diffuse_figures.h"
#include "denoscope/report/diffuse/diffuse_findings.h"
#include "denoscope/report/pca/pca_figures.h"
#include "denoscope/report/pca/pca_findings.h"
#include "denoscope/report/posterior/posterior_figures.h"
#include "denoscope/report/posterior/posterior_findings.h"
#include "denoscope/report/sample/sample_figures.h"
#include "denoscope/report/sample/sample_findings.h"
#include "denoscope/report/spiked/spiked_figures.h"
#include "denoscope/report/spiked/spiked_findings.h"
#include "denoscope/report/sweep/sweep_figures.h"
#include "denoscope/report/sweep/sweep_findings.h"

namespace denoscope {
namespace {

// A new kind of run is one line here.
const RunKind kRunKinds[] = {
    {kAnalyzeKind, "", RunCells::kOfImages, SweepFigures, SweepFindings},
    {kCompareKind, "Runs side by side", RunCells::kNone, ComparisonFigures, ComparisonFindings},
    {kDiffuseKind, "Linear diffusion", RunCells::kNone, DiffuseFigures, DiffuseFindings},
    {kPcaKind, "Principal components", RunCells::kNone, PcaFigures, PcaFindings},
    {kPosteriorKind, "Posterior", RunCells::kNone, PosteriorFigures, PosteriorFindings},
    {kSampleKind, "Sampling", RunCells::kOfPaths, SampleFigures, SampleFindings},
    {kSpikedKind, "Spiked covariance", RunCells::kNone, SpikedFigures, SpikedFindings},
};

const RunKind& KindOf(const RunFolder& run) {
  const auto name = run.Manifest()["kind"].get<std::string>();
  if (const RunKind* kind = FindRunKind(name)) return *kind;
  std::string known;
  for (const RunKind& kind : kRunKinds) known += (known.empty() ? "" : ", ") + kind.name;
  throw Error("run '{}': its kind is '{}', expected one of {}", run.Path().string(), name, known);
}

}  // namespace

const RunKind* FindRunKind(const std::string& name) {
  const RunKind* kind = std::find_if(
      std::begin(kRunKinds), std::end(kRunKinds), [&](const RunKind& k) { return k.name == name; });
  return kind == std::end(kRunKinds) ? nullptr : kind;
}

std::vector<Figure> MakeFigures(const RunFolder& run, double millimetres) {
  const RunKind& kind = KindOf(run);
  const Canvas canvas = {run.Path() / "figures", millimetres};
  std::filesystem::create_directories(canvas.folder);
  RemoveTemporaries(canvas.folder);
  return kind.figures(run, canvas);
}

std::string Findings(const RunFolder& run) { return KindOf(run).findings(run); }

}  // namespace denoscope
