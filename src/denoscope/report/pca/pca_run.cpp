#include "denoscope/report/pca/pca_run.h"

#include <fmt/format.h>

namespace denoscope {

bool PcaRun::DrawsShareImages(double samples) const {
  return samples * static_cast<double>(draws) > static_cast<double>(sample_images);
}

std::string PcaRun::Title(double samples) const {
  return fmt::format("n = {}, d = {}, {} draws", samples, Size(), draws);
}

PcaRun ReadPcaRun(const RunFolder& run) {
  const auto table = [&](const char* name) { return ReadCsv(run.Path() / name); };
  PcaRun pca;
  pca.reference = run.ReadReference();
  pca.spectrum = table("spectrum.csv");
  pca.power_law = table("power_law.csv");
  pca.wiener = table("wiener.csv");
  pca.gains = table("gains.csv");
  pca.alignment = table("alignment.csv");
  pca.theory = table("alignment_theory.csv");
  pca.subspaces = table("subspaces.csv");
  pca.above_edge = table("above_edge.csv");
  pca.aligning = table("aligning.csv");
  pca.statistics = table("statistics.csv");
  pca.theories = table("theories.csv");
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
