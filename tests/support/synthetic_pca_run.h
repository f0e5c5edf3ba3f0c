// The run folder of a PCA study made without one: two n, two noise levels, modes that are DCT
// vectors with lambda_k = 8, 4, 2, 1 (d = 16, the rest 0). Simulations are off the theories by
// known gaps. Link denoscope_results and denoscope_theory_frequency.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/results/pca_columns.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

struct SyntheticPcaRun {
  std::vector<double> n = {20, 40};
  std::vector<double> sigmas = {0.1, 1};
  int modes = 4, draws = 3, images = 60;  // 40 x 3 images are more than there are
  double twin_cos2 = 0.5, images_cos2 = 0.4, error = 0.01;
};

class SyntheticPcaTables {
 public:
  explicit SyntheticPcaTables(const SyntheticPcaRun& options) : o_(options) {}

  void Write(const std::filesystem::path& folder) const {
    WriteCsv(folder / kPcaSpectrum.file, Spectrum());
    WriteCsv(folder / kPcaPowerLaw.file,
             Filled(kPcaPowerLaw, {{0, 3, 8, 1.5, 0.25, 1.1, 1.9, 0.99, 0.1}}));
    WriteCsv(folder / kPcaWiener.file, Wiener());
    WriteCsv(folder / kPcaGains.file, Filled(kPcaGains, {{0.1, 0, 1}}));
    WriteCsv(folder / kPcaAlignment.file, Alignment());
    WriteCsv(folder / kPcaTheory.file, Theory());
    WriteCsv(folder / kPcaSubspaces.file, Subspaces());
    WriteCsv(folder / kPcaAboveEdge.file, AboveEdge());
    WriteCsv(folder / kPcaAligning.file, Aligning());
    WriteCsv(folder / kPcaStatistics.file, Statistics());
    WriteCsv(folder / kPcaTheories.file, Theories());
  }

  double Lambda(int k) const { return k < o_.modes ? 8 * std::pow(0.5, k) : 0; }

 private:
  using Rows = std::vector<std::vector<double>>;
  static Table Filled(const TableSpec& spec, const Rows& rows) {
    Table table = spec.Empty();
    for (const std::vector<double>& row : rows) AddRow(table, row);
    return table;
  }

  Table Spectrum() const {
    Rows rows;
    double sum = 0;
    for (int k = 0; k < 16; ++k) {
      sum += Lambda(k);
      const double frequency = k < o_.modes ? 0.5 * (k + 1) : NAN;
      rows.push_back({1.0 * k, Lambda(k), 0.2, 1, sum / 15, frequency, std::sqrt(Lambda(k)), 1});
    }
    return Filled(kPcaSpectrum, rows);
  }
  Table Wiener() const {
    Rows rows;
    for (const double s : o_.sigmas) rows.push_back({s, s * s, 2, 0.5, 0.6, 0.05, 3, 0.7});
    return Filled(kPcaWiener, rows);
  }
  Table Alignment() const {
    Rows rows;
    const double i = o_.images_cos2, g = o_.twin_cos2, e = o_.error;
    for (const double n : o_.n)
      for (const double s : o_.sigmas)
        for (int k = 0; k < o_.modes; ++k)
          rows.push_back({n,
                          s,
                          1.0 * k,
                          Lambda(k),
                          i,
                          e,
                          i,
                          e,
                          std::sqrt(1 - i),
                          e,
                          g,
                          e,
                          g,
                          e,
                          std::sqrt(1 - g),
                          e,
                          0.95,
                          0.6,
                          0.55});
    return Filled(kPcaAlignment, rows);
  }
  Table Theory() const {
    Rows rows;
    for (const double n : o_.n)
      for (const double k : {0.0, 1.0, 2.0})
        for (const double s : {0.1, 0.3, 1.0}) rows.push_back({n, k, s, 0.95, 0.6, 0.55, 0.5});
    return Filled(kPcaTheory, rows);
  }
  Table Subspaces() const {
    Rows rows;
    for (const double n : o_.n)
      for (const double s : o_.sigmas)
        for (const double r : {1.0, 4.0}) rows.push_back({n, s, r, 0.8, 0.02, 0.7, 0.02, r / 16});
    return Filled(kPcaSubspaces, rows);
  }
  Table AboveEdge() const {
    Rows rows;
    for (const double n : o_.n)
      for (const double s : o_.sigmas) rows.push_back({n, s, 4, 3.5, 0.2, 3, 0.2});
    return Filled(kPcaAboveEdge, rows);
  }
  // Mode 0 is above the range, mode 3 below it, the others at 0.5 and 0.25 with an interval.
  Table Aligning() const {
    Table table = kPcaAligning.Empty();
    for (const double n : o_.n)
      for (int k = 0; k < o_.modes; ++k) {
        const double level = std::pow(0.5, k), spiked = std::sqrt(Lambda(k));
        std::vector<std::string> row;
        for (const double number :
             {n, 1.0 * k, Lambda(k), 0.5 * (k + 1), spiked, spiked, spiked, 0.0, spiked / 2})
          row.push_back(NumberText(number));
        for (int source = 0; source < 4; ++source) {
          const bool inside = k == 1 || k == 2;
          for (const double number : {level, 0.9 * level, 1.1 * level})
            row.push_back(NumberText(inside ? number : NAN));
          row.push_back(inside ? "3" : "0");
          row.push_back(inside ? "none" : k == 0 ? "above" : "below");
        }
        table.rows.push_back(std::move(row));
      }
    return table;
  }
  Table Statistics() const {
    Table table = kPcaStatistics.Empty();
    for (const double n : o_.n)
      for (const std::string samples : {"images", "gaussian"})
        for (const std::string measure : {"own", "matched"})
          table.rows.push_back({NumberText(n),
                                samples,
                                measure,
                                "2",
                                "1",
                                "1",
                                "1",
                                "0.75",
                                samples == "images" ? "-0.9" : "-0.8",
                                "-0.95",
                                "-0.7",
                                "nan",
                                "nan",
                                samples == "images" ? "-0.2" : "nan",
                                "-0.4",
                                "0.1",
                                "-0.3",
                                "0.05"});
    return table;
  }
  Table Theories() const {
    Table table = kPcaTheories.Empty();
    for (const double n : o_.n)
      for (const std::string samples : {"gaussian", "images"})
        for (const std::string theory : {"anisotropic", "mixed", "spiked"})
          table.rows.push_back({NumberText(n),
                                samples,
                                theory,
                                "8",
                                theory == "spiked"  ? "0.45"
                                : theory == "mixed" ? "0.05"
                                                    : "0.125",
                                "0.01",
                                "0.45",
                                "0.1",
                                "2",
                                "0.5",
                                "0.95"});
    return table;
  }

  SyntheticPcaRun o_;
};

inline RunFolder MakeSyntheticPcaRun(const std::filesystem::path& path, const SyntheticPcaRun& o) {
  const ImageShape shape = {1, 4, 4};
  const Json data = {{"name", "synthetic"}, {"split", "test"}, {"images", o.images}};
  RunFolder run = RunFolder::Begin(
      {path, true},
      {{"kind", "pca"},
       {"version", 1},
       {"identity", {{"options", {{"draws", o.draws}, {"modes", o.modes}}}, {"data", data}}}});
  const SyntheticPcaTables tables(o);
  Reference r;
  r.image_shape = {shape.C, shape.H, shape.W};
  r.n = 1000;
  r.data_sha256 = "synthetic";
  r.band_centre = Eigen::VectorXd::Zero(1);
  r.mean = Eigen::VectorXd::Zero(shape.Size());
  r.lambda.resize(shape.Size());
  for (int k = 0; k < shape.Size(); ++k) r.lambda[k] = tables.Lambda(k);
  r.basis = DctBasis(shape)
                .InverseTransform(Eigen::MatrixXd::Identity(shape.Size(), o.modes))
                .cast<float>();
  r.frequency = Eigen::VectorXd::LinSpaced(o.modes, 0.5, 0.5 * o.modes);
  WriteNpz(path / "reference.npz", ToNpz(r));
  tables.Write(path);
  run.SetManifest("status", "complete");
  return run;
}

}  // namespace denoscope
