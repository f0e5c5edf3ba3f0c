#include "denoscope/studies/spiked/spiked_study.h"

#include "denoscope/runs/study_run.h"
#include "denoscope/studies/spiked/spiked_tables.h"
#include "denoscope/studies/spiked/spiked_units.h"

namespace denoscope {

RunFolder RunSpikedStudy(const SpikedStudyOptions& wanted,
                         const Json& record,
                         const RunTarget& target) {
  const SpikedStudyOptions options = ResolveSpikedStudy(wanted);
  StudyRun run({kSpikedKind, StudyIdentity(options, {}), record}, target);
  run.Compute({"spiked study", "simulating", "units"},
              SpikedUnits(options),
              [&](const SpikedUnit& unit) { return ComputeSpikedUnit(options, unit); });
  return run.Complete([&] {
    for (const auto& [name, table] : SpikedTables(run.Folder(), options))
      WriteCsv(run.File(name), table);
  });
}

}  // namespace denoscope
