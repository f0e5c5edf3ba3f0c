#include "denoscope/report/figures.h"

#include <functional>
#include <optional>

#include "denoscope/files/temporary_files.h"
#include "denoscope/report/band_gain.h"
#include "denoscope/report/comparison_figures.h"
#include "denoscope/report/curves.h"
#include "denoscope/report/diffuse_figures.h"
#include "denoscope/report/emergence_figures.h"
#include "denoscope/report/level_figures.h"
#include "denoscope/report/mode_figures.h"
#include "denoscope/report/pca_figures.h"
#include "denoscope/report/posterior_figures.h"
#include "denoscope/report/reference_figures.h"
#include "denoscope/report/run_contents.h"
#include "denoscope/report/sample_figures.h"
#include "denoscope/report/sheets.h"
#include "denoscope/report/spiked_figures.h"

namespace denoscope {

namespace {

std::vector<Figure> AnalyzeFigures(const RunFolder& run, const Canvas& canvas) {
  const RunContents contents = ReadContents(run);
  std::vector<Figure> figures;
  for (const auto& make : {DenoisedSheet,
                           MseFigure,
                           EmergenceFigure,
                           GainFigure,
                           ReferencesFigure,
                           LedgerFigure,
                           AlignmentFigure,
                           TracksFigure,
                           TrackedSheet,
                           JacobianLevelsFigure,
                           TimeUpdateFigure,
                           EigenvalueFigure,
                           EigenvectorSheet,
                           BandGainFigure})
    if (std::optional<Figure> figure = make(contents, canvas))
      figures.push_back(std::move(*figure));
  return figures;
}

}  // namespace

std::vector<Figure> MakeFigures(const RunFolder& run, double millimetres) {
  const Canvas canvas = {run.Path() / "figures", millimetres};
  std::filesystem::create_directories(canvas.folder);
  RemoveTemporaries(canvas.folder);
  const Json kind = run.Manifest()["kind"];
  if (kind == "compare") return ComparisonFigures(run, canvas);
  if (kind == "diffuse") return DiffuseFigures(run, canvas);
  if (kind == "pca") return PcaFigures(run, canvas);
  if (kind == "posterior") return PosteriorFigures(run, canvas);
  if (kind == "spiked") return SpikedFigures(run, canvas);
  std::vector<Figure> figures;
  if (kind == "sample") figures = SampleFigures(run, canvas);
  if (kind != "sample" || std::filesystem::exists(run.Path() / "summary.csv"))
    for (Figure& figure : AnalyzeFigures(run, canvas)) figures.push_back(std::move(figure));
  return figures;
}

}  // namespace denoscope
