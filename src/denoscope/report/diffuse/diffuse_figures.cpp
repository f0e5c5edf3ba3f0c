#include "denoscope/report/diffuse/diffuse_figures.h"

#include "denoscope/report/diffuse/diffuse_limit_figures.h"
#include "denoscope/report/diffuse/diffuse_operator_figures.h"
#include "denoscope/report/diffuse/diffuse_sheets.h"
#include "denoscope/report/diffuse/diffuse_step_figures.h"

namespace denoscope {

std::vector<Figure> DiffuseFigures(const RunFolder& folder_of_run, const Canvas& canvas) {
  const DiffuseRun run = ReadDiffuseRun(folder_of_run);
  std::vector<Figure> figures;
  for (const auto& make : {CosineFigure,
                           RatiosFigure,
                           DiversityFigure,
                           OutputSpectraFigure,
                           CollapseFigure,
                           SchedulesFigure,
                           SamplesSheet,
                           DirectionsSheet,
                           OperatorsFigure,
                           DiagonalsFigure,
                           BasesFigure,
                           AssumptionFigure,
                           PowerFigure,
                           DdimFigure})
    figures.push_back(make(run, canvas));
  return figures;
}

}  // namespace denoscope
