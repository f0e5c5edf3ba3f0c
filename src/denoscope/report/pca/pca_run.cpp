#include "denoscope/report/pca/pca_run.h"

#include <fmt/format.h>

#include "denoscope/results/pca_columns.h"

namespace denoscope {

bool PcaRun::DrawsShareImages(double samples) const {
  return samples * static_cast<double>(draws) > static_cast<double>(sample_images);
}

std::string PcaRun::Title(double samples) const {
  return fmt::format("n = {}, d = {}, {} draws", samples, Size(), draws);
}

PcaRun ReadPcaRun(const RunFolder& run) {
  PcaRun pca;
  pca.reference = run.ReadReference();
  pca.spectrum = run.ReadTable(kPcaSpectrum);
  pca.power_law = run.ReadTable(kPcaPowerLaw);
  pca.wiener = run.ReadTable(kPcaWiener);
  pca.gains = run.ReadTable(kPcaGains);
  pca.alignment = run.ReadTable(kPcaAlignment);
  pca.theory = run.ReadTable(kPcaTheory);
  pca.subspaces = run.ReadTable(kPcaSubspaces);
  pca.above_edge = run.ReadTable(kPcaAboveEdge);
  pca.aligning = run.ReadTable(kPcaAligning);
  pca.statistics = run.ReadTable(kPcaStatistics);
  pca.theories = run.ReadTable(kPcaTheories);
  const Json& identity = run.Manifest()["identity"];
  const std::filesystem::path file = run.Path() / "run.json";
  const Json data = JsonField<Json>(identity, "data", file);
  const Json options = JsonField<Json>(identity, "options", file);
  pca.data = JsonField<std::string>(data, "name", file);
  pca.sample_images = JsonField<std::int64_t>(data, "images", file);
  pca.draws = JsonField<std::int64_t>(options, "draws", file);
  pca.modes = JsonField<std::int64_t>(options, "modes", file);
  pca.n = NumberRows(pca.above_edge).Distinct("n");
  pca.sigmas = NumberRows(pca.wiener).Values("sigma");
  return pca;
}

}  // namespace denoscope
