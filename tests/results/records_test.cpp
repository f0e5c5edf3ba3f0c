#include "denoscope/results/records.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/random.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

constexpr double kNan = kNotComputed;

// Values a float32 holds exactly, so that what is stored as float32 comes back equal.
class Values {
 public:
  double Next() { return std::round(random_.Normal() * 1024) / 1024; }
  Eigen::VectorXd Vector(Eigen::Index n) {
    Eigen::VectorXd v(n);
    for (double& x : v) x = Next();
    return v;
  }
  Eigen::MatrixXd Matrix(Eigen::Index rows, Eigen::Index cols) {
    return Vector(rows * cols).reshaped(rows, cols);
  }
  Array Image() {
    const Eigen::VectorXf v = Vector(6).cast<float>();
    return Array::From<float>({1, 2, 3}, v.data());
  }
  Spectrum FullSpectrum() {
    Spectrum s;
    s.eigenvalues = Vector(6);
    s.eigenvectors = Matrix(6, 2).cast<float>();
    s.singular_values = Vector(6);
    s.eigenvalues_complex.resize(6);
    s.eigenvalues_complex.real() = Vector(6);
    s.eigenvalues_complex.imag() = Vector(6);
    s.pca_gain = Vector(4);
    s.band_gain = Vector(17);
    s.eigenvector_frequency = Vector(2);
    s.left_right_cosine = Vector(2);
    s.left_pca_cosine = Vector(2);
    s.right_pca_cosine = Vector(2);
    s.pca_matrix = Matrix(3, 3).cast<float>();
    s.sketch = Matrix(6, 2).cast<float>();
    s.sketch_transpose = Matrix(6, 2).cast<float>();
    s.foretold_gain = Matrix(2, 4);
    for (double* scalar : {&s.mse,
                           &s.sure,
                           &s.calibration,
                           &s.trace,
                           &s.asymmetry,
                           &s.negative_mass,
                           &s.effective_rank,
                           &s.imaginary_share,
                           &s.homogeneity_defect,
                           &s.blind_share,
                           &s.homogeneous_share,
                           &s.blind_allowance,
                           &s.local_noise,
                           &s.local_images,
                           &s.outside_mass})
      *scalar = random_.Normal();  // scalars are stored as float64
    return s;
  }
  Cell FullCell() {
    Cell cell;
    cell.image = 3;
    cell.draw = 1;
    cell.sigma_index = 2;
    cell.sigma = 0.1;
    cell.clean = Image();
    cell.noisy = Image();
    cell.denoised = Image();
    cell.linear_denoised = Image();
    cell.deep = FullSpectrum();
    cell.linear = FullSpectrum();
    return cell;
  }

 private:
  RandomStream random_{1, "tests/records"};
};

void ExpectSame(const Npz& a, const Npz& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, array] : a) {
    ASSERT_EQ(b.count(name), 1u) << name;
    EXPECT_EQ(array.shape, b.at(name).shape) << name;
    EXPECT_EQ(array.bytes, b.at(name).bytes) << name;
  }
}

// Through a file, as the program does it.
Npz ThroughFile(const Npz& npz) {
  const TempDir folder;
  WriteNpz(folder.Path("record.npz"), npz);
  return ReadNpz(folder.Path("record.npz"));
}

void ExpectSame(const Spectrum& a, const Spectrum& b) {
  EXPECT_EQ(a.eigenvalues, b.eigenvalues);
  EXPECT_EQ(a.eigenvectors, b.eigenvectors);
  EXPECT_EQ(a.singular_values, b.singular_values);
  EXPECT_EQ(a.eigenvalues_complex, b.eigenvalues_complex);
  EXPECT_EQ(a.pca_gain, b.pca_gain);
  EXPECT_EQ(a.band_gain, b.band_gain);
  EXPECT_EQ(a.eigenvector_frequency, b.eigenvector_frequency);
  EXPECT_EQ(a.left_right_cosine, b.left_right_cosine);
  EXPECT_EQ(a.left_pca_cosine, b.left_pca_cosine);
  EXPECT_EQ(a.right_pca_cosine, b.right_pca_cosine);
  EXPECT_EQ(a.pca_matrix, b.pca_matrix);
  EXPECT_EQ(a.sketch, b.sketch);
  EXPECT_EQ(a.sketch_transpose, b.sketch_transpose);
  EXPECT_EQ(a.foretold_gain, b.foretold_gain);
  EXPECT_EQ(Scalars(a), Scalars(b));
}

TEST(CellRecord, RoundTripsThroughAFile) {
  const Cell cell = Values().FullCell();
  const Npz npz = ToNpz(cell);
  EXPECT_EQ(npz.at("eigenvectors").shape, Shape({2, 1, 2, 3}));
  EXPECT_EQ(npz.at("eigenvalues_complex").shape, Shape({6, 2}));
  const Cell back = CellFromNpz(ThroughFile(npz), "record.npz");
  EXPECT_EQ(back.image, 3);
  EXPECT_EQ(back.draw, 1);
  EXPECT_EQ(back.sigma_index, 2);
  EXPECT_EQ(back.sigma, 0.1);
  ExpectSame(back.deep, cell.deep);
  ExpectSame(back.linear, cell.linear);
  ExpectSame(ToNpz(back), npz);
}

TEST(CellRecord, KeepsWhatWasNotComputedNotComputed) {
  Cell cell = Values().FullCell();
  cell.linear = Spectrum();
  cell.linear_denoised = Array();
  cell.deep.pca_gain.resize(0);
  cell.deep.eigenvalues_complex.resize(0);
  cell.deep.imaginary_share = kNan;
  const Npz npz = ToNpz(cell);
  for (const auto& [name, array] : npz) EXPECT_NE(name.rfind("linear_", 0), 0u) << name;
  const Cell back = CellFromNpz(ThroughFile(npz), "record.npz");
  EXPECT_FALSE(back.HasLinear());
  EXPECT_EQ(back.deep.pca_gain.size(), 0);
  EXPECT_EQ(back.deep.eigenvalues_complex.size(), 0);
  EXPECT_TRUE(std::isnan(back.deep.imaginary_share));
  ExpectSame(ToNpz(back), npz);
}

TEST(CellRecord, NamesTheFileAndTheArrayThatIsMissing) {
  const Npz whole = ToNpz(Values().FullCell());
  for (const std::string name :
       {"image", "sigma", "noisy", "denoised", "eigenvectors", "mse", "linear_sure"}) {
    Npz npz = whole;
    npz.erase(name);
    ExpectError([&] { CellFromNpz(npz, "cells/some.npz"); },
                {"'cells/some.npz'", "has no array '" + name + "'"});
  }
}

// Runs that are finished stay readable when cells learn to hold more.
TEST(CellRecord, WhatTheFirstRunsDidNotHaveIsNotComputed) {
  Npz npz = ToNpz(Values().FullCell());
  for (const char* name : {"blind_share", "local_noise", "pca_matrix", "sketch", "foretold_gain"})
    npz.erase(name);
  const Cell cell = CellFromNpz(npz, "some.npz");
  EXPECT_TRUE(std::isnan(cell.deep.blind_share));
  EXPECT_EQ(cell.deep.pca_matrix.size(), 0);
}

TEST(CellRecord, RefusesAVectorForANumber) {
  Npz npz = ToNpz(Values().FullCell());
  npz["trace"] = Array::From<double>({2}, std::vector<double>{1, 2});
  ExpectError([&] { CellFromNpz(npz, "some.npz"); },
              {"'some.npz'", "'trace'", "[2]", "one number"});
}

TEST(EvaluationRecord, RoundTripsThroughAFile) {
  Values values;
  Evaluation e;
  e.sigma_index = 4;
  e.images = 2000;
  e.sigma = 0.3;
  e.mse = 0.01;
  e.mse_error = 0.001;
  e.linear_mse = 0.02;
  e.linear_mse_error = 0.002;
  e.resolved = values.Vector(5);
  e.linear_resolved = values.Vector(5);
  e.mode_error = values.Vector(5);
  e.linear_mode_error = values.Vector(5);
  e.replicates = values.Matrix(20, 5).cast<float>();
  e.linear_replicates = values.Matrix(20, 5).cast<float>();
  e.gain = values.Vector(5);
  e.gain_replicates = values.Matrix(20, 5).cast<float>();
  e.band_resolved = values.Vector(17);
  e.calibration = 1.1;
  const Evaluation back = EvaluationFromNpz(ThroughFile(ToNpz(e)), "record.npz");
  EXPECT_EQ(back.sigma_index, 4);
  EXPECT_EQ(back.images, 2000);
  EXPECT_EQ(back.linear_mse_error, 0.002);
  EXPECT_EQ(back.mode_error, e.mode_error);
  EXPECT_EQ(back.replicates, e.replicates);
  EXPECT_EQ(back.gain_replicates, e.gain_replicates);
  EXPECT_EQ(back.band_resolved, e.band_resolved);
  EXPECT_EQ(back.calibration, 1.1);
  ExpectSame(ToNpz(back), ToNpz(e));

  e.resolved.resize(0);
  e.replicates.resize(0, 0);
  e.linear_mse = kNan;
  const Evaluation without = EvaluationFromNpz(ThroughFile(ToNpz(e)), "record.npz");
  EXPECT_EQ(without.resolved.size(), 0);
  EXPECT_EQ(without.replicates.size(), 0);
  EXPECT_TRUE(std::isnan(without.linear_mse));
  Npz npz = ToNpz(e);
  npz.erase("mse_error");
  ExpectError([&] { EvaluationFromNpz(npz, "e.npz"); }, {"'e.npz'", "'mse_error'"});
}

TEST(ReferenceRecord, RoundTripsThroughAFile) {
  Values values;
  Reference r;
  r.image_shape = {1, 2, 3};
  r.band_centre = values.Vector(17);
  r.band_groups = 2;
  ExpectSame(ToNpz(ReferenceFromNpz(ThroughFile(ToNpz(r)), "r.npz")), ToNpz(r));
  r.n = 60000;
  r.data_sha256 = "abc123";
  r.mean = values.Vector(6);
  r.lambda = values.Vector(6);
  r.basis = values.Matrix(6, 4).cast<float>();
  r.frequency = values.Vector(4);
  const Npz npz = ToNpz(r);
  EXPECT_EQ(npz.at("basis").shape, Shape({4, 1, 2, 3}));
  const Reference back = ReferenceFromNpz(ThroughFile(npz), "r.npz");
  EXPECT_EQ(back.data_sha256, "abc123");
  EXPECT_EQ(back.basis, r.basis);
  ExpectSame(ToNpz(back), npz);
  Npz without = npz;
  without.erase("band_centre");
  ExpectError([&] { ReferenceFromNpz(without, "r.npz"); }, {"'r.npz'", "'band_centre'"});
}

HalfLevel Level(Values& values, Censoring censored) {
  if (censored != Censoring::kNone) return {kNan, kNan, kNan, censored};
  return {values.Next(), values.Next(), values.Next(), censored};
}

Emergence FullEmergence() {
  Values values;
  Emergence e;
  e.lambda = values.Vector(4);
  e.frequency = values.Vector(4);
  e.sigma_critical = values.Vector(4);
  e.sigmas = values.Vector(3);
  e.gain = values.Matrix(3, 4);
  e.linear_gain = values.Matrix(3, 4);
  e.resolved = values.Matrix(3, 4);
  e.linear_resolved = values.Matrix(3, 4);
  e.mode_error = values.Matrix(3, 4);
  e.image_halves = values.Matrix(2, 4);
  e.nulls = {{"identity", values.Matrix(3, 4), values.Matrix(3, 4)},
             {"zero", values.Matrix(3, 4), values.Matrix(3, 4)}};
  using C = Censoring;
  for (const C censored : {C::kNone, C::kBelow, C::kAbove, C::kNoCrossing})
    for (auto* modes : {&e.deep, &e.linear})
      modes->push_back(
          {Level(values, censored), Level(values, C::kNone), Level(values, C::kNotComputed)});
  EmergenceStatistics s{"deep", "gain_relative", 3, 1};
  s.slope = {1.0 / 3, 0.3, 0.4};
  s.rank_lambda.value = -1;
  e.statistics = {s, {"linear", "resolved"}};
  e.bands = e;
  e.bands.lambda = values.Vector(4);
  return e;
}

TEST(EmergenceRecord, RoundTripsThroughItsFourFiles) {
  const Emergence e = FullEmergence();
  const TempDir folder;
  WriteCsv(folder.Path("emergence.csv"), HalvesTable(e));
  WriteCsv(folder.Path("emergence_bands.csv"), HalvesTable(e.bands));
  WriteCsv(folder.Path("statistics.csv"), StatisticsTable(e.statistics));
  const Emergence back = EmergenceFromFiles({ThroughFile(ToNpz(e)),
                                             ReadCsv(folder.Path("emergence.csv")),
                                             ReadCsv(folder.Path("emergence_bands.csv")),
                                             ReadCsv(folder.Path("statistics.csv"))});
  ExpectSame(ToNpz(back), ToNpz(e));
  EXPECT_EQ(HalvesTable(back).rows, HalvesTable(e).rows);
  EXPECT_EQ(HalvesTable(back.bands).rows, HalvesTable(e.bands).rows);
  ASSERT_EQ(back.nulls.size(), 2u);
  EXPECT_EQ(back.nulls[1].name, "zero");
  EXPECT_EQ(StatisticsTable(back.statistics).rows, StatisticsTable(e.statistics).rows);
  EXPECT_EQ(back.deep[0].resolved.sigma, e.deep[0].resolved.sigma);
  EXPECT_EQ(back.linear[0].gain.high, e.linear[0].gain.high);
  EXPECT_EQ(back.deep[1].resolved.censored, Censoring::kBelow);
  EXPECT_TRUE(std::isnan(back.deep[1].resolved.sigma));
  EXPECT_EQ(back.statistics[0].slope.value, 1.0 / 3);
  EXPECT_TRUE(std::isnan(back.statistics[1].slope.value));
}

TEST(EmergenceRecord, TableHasTheColumnsOfItsFormat) {
  const Table table = HalvesTable(FullEmergence());
  EXPECT_EQ(table.columns.size(), 4u + 2 * 3 * 4);
  for (const std::string denoiser : {"deep", "linear"})
    for (const std::string half : {"half_resolved", "half_gain", "half_gain_relative"})
      for (const std::string ending : {"", "_low", "_high", "_censored"})
        EXPECT_NO_THROW(table.Column(denoiser + "_" + half + ending));
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[2][table.Column("deep_half_resolved_censored")], "above");
  EXPECT_EQ(table.rows[2][table.Column("deep_half_resolved")], "nan");
}

// The reader once kept a reference to the name of its source, which was gone by then.
TEST(EmergenceRecord, NamesTheFileAndTheArrayThatIsMissing) {
  const Emergence e = FullEmergence();
  const Table table = HalvesTable(e), statistics = StatisticsTable(e.statistics);
  for (const std::string name : {"sigmas", "linear_gain"}) {
    Npz npz = ToNpz(e);
    npz.erase(name);
    ExpectError(
        [&] {
          EmergenceFromFiles({npz, table, {}, statistics});
        },
        {"'modes.npz'", "has no array '" + name + "'"});
  }
  Table narrow = table;
  narrow.columns[narrow.Column("linear_half_gain")] = "other";
  ExpectError(
      [&] {
        EmergenceFromFiles({ToNpz(e), narrow, {}, statistics});
      },
      {"linear_half_gain"});
}

}  // namespace
}  // namespace denoscope
