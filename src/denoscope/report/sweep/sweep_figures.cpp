#include "denoscope/report/sweep/sweep_figures.h"

#include <optional>

#include "denoscope/report/sweep/band_gain.h"
#include "denoscope/report/sweep/curves.h"
#include "denoscope/report/sweep/emergence_figures.h"
#include "denoscope/report/sweep/level_figures.h"
#include "denoscope/report/sweep/mode_figures.h"
#include "denoscope/report/sweep/reference_figures.h"
#include "denoscope/report/sweep/run_contents.h"
#include "denoscope/report/sweep/sheets.h"

namespace denoscope {

std::vector<Figure> SweepFigures(const RunFolder& run, const Canvas& canvas) {
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

}  // namespace denoscope
