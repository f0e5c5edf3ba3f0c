#include "denoscope/results/records.h"

#include <cstdlib>

#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

using RowMajorF = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowMajorD = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Vectors of the spectra go to float32, the precision in which they were computed.
Array Floats(const Eigen::VectorXd& v) {
  const Eigen::VectorXf f = v.cast<float>();
  return Array::From<float>({f.size()}, f.data());
}
Array Text(const std::string& text) {
  return Array::From<std::uint8_t>({static_cast<std::int64_t>(text.size())},
                                   reinterpret_cast<const std::uint8_t*>(text.data()));
}

struct VectorField {
  const char* name;
  Eigen::VectorXd Spectrum::*member;
};
constexpr VectorField kSpectrumVectors[] = {
    {"eigenvalues", &Spectrum::eigenvalues},
    {"singular_values", &Spectrum::singular_values},
    {"pca_gain", &Spectrum::pca_gain},
    {"band_gain", &Spectrum::band_gain},
    {"eigenvector_frequency", &Spectrum::eigenvector_frequency},
    {"left_right_cosine", &Spectrum::left_right_cosine},
    {"left_pca_cosine", &Spectrum::left_pca_cosine},
    {"right_pca_cosine", &Spectrum::right_pca_cosine}};

struct ScalarField {
  const char* name;
  double Spectrum::*member;
};
constexpr ScalarField kSpectrumScalars[] = {{"mse", &Spectrum::mse},
                                            {"sure", &Spectrum::sure},
                                            {"calibration", &Spectrum::calibration},
                                            {"trace", &Spectrum::trace},
                                            {"asymmetry", &Spectrum::asymmetry},
                                            {"negative_mass", &Spectrum::negative_mass},
                                            {"effective_rank", &Spectrum::effective_rank},
                                            {"imaginary_share", &Spectrum::imaginary_share},
                                            {"homogeneity_defect", &Spectrum::homogeneity_defect}};

void AddSpectrum(const Spectrum& s, const std::string& prefix, const Shape& image, Npz& npz) {
  for (const VectorField& field : kSpectrumVectors)
    if ((s.*field.member).size() > 0) npz[prefix + field.name] = Floats(s.*field.member);
  for (const ScalarField& field : kSpectrumScalars)
    npz[prefix + field.name] = Scalar(s.*field.member);
  Array vectors = Rows(s.eigenvectors.transpose());
  vectors.shape = {s.eigenvectors.cols(), image[0], image[1], image[2]};
  npz[prefix + "eigenvectors"] = std::move(vectors);
  if (s.eigenvalues_complex.size() > 0) {
    RowMajorF parts(s.eigenvalues_complex.size(), 2);
    parts.col(0) = s.eigenvalues_complex.real().cast<float>();
    parts.col(1) = s.eigenvalues_complex.imag().cast<float>();
    npz[prefix + "eigenvalues_complex"] = Rows(parts);
  }
}

Spectrum ReadSpectrum(const NpzReader& reader, const std::string& prefix) {
  Spectrum s;
  for (const VectorField& field : kSpectrumVectors)
    s.*field.member = reader.VectorIf(prefix + field.name);
  for (const ScalarField& field : kSpectrumScalars)
    s.*field.member = reader.Number(prefix + field.name);
  s.eigenvectors = reader.Matrix(prefix + "eigenvectors").transpose().cast<float>();
  if (reader.Has(prefix + "eigenvalues_complex")) {
    const Eigen::MatrixXd parts = reader.Matrix(prefix + "eigenvalues_complex");
    s.eigenvalues_complex.resize(parts.rows());
    s.eigenvalues_complex.real() = parts.col(0);
    s.eigenvalues_complex.imag() = parts.col(1);
  }
  return s;
}

struct HalfField {
  const char* name;
  HalfLevel ModeHalves::*member;
};
constexpr HalfField kHalves[] = {{"half_resolved", &ModeHalves::resolved},
                                 {"half_gain", &ModeHalves::gain},
                                 {"half_gain_relative", &ModeHalves::gain_relative}};

double ReadNumber(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

}  // namespace

std::vector<std::pair<std::string, double>> Scalars(const Spectrum& spectrum) {
  std::vector<std::pair<std::string, double>> scalars;
  for (const ScalarField& field : kSpectrumScalars)
    scalars.emplace_back(field.name, spectrum.*field.member);
  return scalars;
}

Npz ToNpz(const Cell& cell) {
  Npz npz;
  npz["image"] = Integer(cell.image);
  npz["draw"] = Integer(cell.draw);
  npz["sigma_index"] = Integer(cell.sigma_index);
  npz["sigma"] = Scalar(cell.sigma);
  npz["clean"] = cell.clean;
  npz["noisy"] = cell.noisy;
  npz["denoised"] = cell.denoised;
  AddSpectrum(cell.deep, "", cell.clean.shape, npz);
  if (cell.HasLinear()) {
    npz["linear_denoised"] = cell.linear_denoised;
    AddSpectrum(cell.linear, "linear_", cell.clean.shape, npz);
  }
  return npz;
}

Cell CellFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader reader(npz, source);
  Cell cell;
  cell.image = reader.Whole("image");
  cell.draw = reader.Whole("draw");
  cell.sigma_index = reader.Whole("sigma_index");
  cell.sigma = reader.Number("sigma");
  cell.clean = reader.Get("clean");
  cell.noisy = reader.Get("noisy");
  cell.denoised = reader.Get("denoised");
  cell.deep = ReadSpectrum(reader, "");
  if (reader.Has("linear_denoised")) {
    cell.linear_denoised = reader.Get("linear_denoised");
    cell.linear = ReadSpectrum(reader, "linear_");
  }
  return cell;
}

Npz ToNpz(const Evaluation& e) {
  Npz npz = {{"sigma_index", Integer(e.sigma_index)},
             {"images", Integer(e.images)},
             {"sigma", Scalar(e.sigma)},
             {"mse", Scalar(e.mse)},
             {"mse_error", Scalar(e.mse_error)},
             {"linear_mse", Scalar(e.linear_mse)},
             {"linear_mse_error", Scalar(e.linear_mse_error)},
             {"ratio_error", Scalar(e.ratio_error)}};
  if (e.resolved.size() == 0) return npz;
  npz["resolved"] = Doubles(e.resolved);
  npz["linear_resolved"] = Doubles(e.linear_resolved);
  npz["mode_error"] = Doubles(e.mode_error);
  npz["linear_mode_error"] = Doubles(e.linear_mode_error);
  npz["replicates"] = Rows(e.replicates);
  npz["linear_replicates"] = Rows(e.linear_replicates);
  return npz;
}

Evaluation EvaluationFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader reader(npz, source);
  Evaluation e;
  e.sigma_index = reader.Whole("sigma_index");
  e.images = reader.Whole("images");
  e.sigma = reader.Number("sigma");
  e.mse = reader.Number("mse");
  e.mse_error = reader.Number("mse_error");
  e.linear_mse = reader.Number("linear_mse");
  e.linear_mse_error = reader.Number("linear_mse_error");
  e.ratio_error = reader.Number("ratio_error");
  e.resolved = reader.VectorIf("resolved");
  e.linear_resolved = reader.VectorIf("linear_resolved");
  e.mode_error = reader.VectorIf("mode_error");
  e.linear_mode_error = reader.VectorIf("linear_mode_error");
  e.replicates = reader.MatrixIf("replicates").cast<float>();
  e.linear_replicates = reader.MatrixIf("linear_replicates").cast<float>();
  return e;
}

Npz ToNpz(const Reference& r) {
  Npz npz = {{"image_shape", Array::From<std::int64_t>({3}, r.image_shape)},
             {"n", Integer(r.n)},
             {"data_sha256", Text(r.data_sha256)},
             {"band_centre", Doubles(r.band_centre)},
             {"band_groups", Integer(r.band_groups)}};
  if (r.n == 0) return npz;
  npz["mean"] = Doubles(r.mean);
  npz["lambda"] = Doubles(r.lambda);
  npz["frequency"] = Doubles(r.frequency);
  Array basis = Rows(r.basis.transpose());
  basis.shape = {r.basis.cols(), r.image_shape[0], r.image_shape[1], r.image_shape[2]};
  npz["basis"] = std::move(basis);
  return npz;
}

Reference ReferenceFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader reader(npz, source);
  Reference r;
  for (const double size : reader.Get("image_shape").AsDoubles())
    r.image_shape.push_back(static_cast<std::int64_t>(size));
  r.n = reader.Whole("n");
  const Array& hash = reader.Get("data_sha256");
  r.data_sha256.assign(hash.bytes.begin(), hash.bytes.end());
  r.band_centre = reader.Vector("band_centre");
  r.band_groups = reader.Whole("band_groups");
  r.mean = reader.VectorIf("mean");
  r.lambda = reader.VectorIf("lambda");
  r.frequency = reader.VectorIf("frequency");
  r.basis = reader.MatrixIf("basis").transpose().cast<float>();
  return r;
}

Npz ToNpz(const Emergence& e) {
  Npz npz = {{"lambda", Doubles(e.lambda)},
             {"frequency", Doubles(e.frequency)},
             {"sigma_critical", Doubles(e.sigma_critical)},
             {"sigmas", Doubles(e.sigmas)},
             {"gain", Rows(e.gain)},
             {"linear_gain", Rows(e.linear_gain)},
             {"image_halves", Rows(e.image_halves)}};
  if (e.resolved.size() == 0) return npz;
  npz["resolved"] = Rows(e.resolved);
  npz["linear_resolved"] = Rows(e.linear_resolved);
  npz["mode_error"] = Rows(e.mode_error);
  return npz;
}

Table EmergenceTable(const Emergence& e) {
  Table table;
  table.columns = {"k", "lambda", "frequency", "sigma_critical"};
  for (const char* denoiser : {"deep", "linear"})
    for (const HalfField& half : kHalves)
      for (const char* ending : {"", "_low", "_high", "_censored"})
        table.columns.push_back(std::string(denoiser) + "_" + half.name + ending);
  for (Eigen::Index k = 0; k < e.lambda.size(); ++k) {
    std::vector<std::string> row = {std::to_string(k),
                                    NumberText(e.lambda[k]),
                                    NumberText(e.frequency[k]),
                                    NumberText(e.sigma_critical[k])};
    for (const auto* modes : {&e.deep, &e.linear})
      for (const HalfField& half : kHalves) {
        const HalfLevel& level = (*modes)[static_cast<std::size_t>(k)].*half.member;
        row.insert(row.end(),
                   {NumberText(level.sigma),
                    NumberText(level.low),
                    NumberText(level.high),
                    level.censored});
      }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table StatisticsTable(const std::vector<EmergenceStatistics>& statistics) {
  Table table;
  table.columns = {"denoiser",
                   "measure",
                   "modes",
                   "censored",
                   "rank_lambda",
                   "rank_frequency",
                   "partial_frequency",
                   "slope",
                   "spread"};
  for (const EmergenceStatistics& s : statistics)
    table.rows.push_back({s.denoiser,
                          s.measure,
                          std::to_string(s.modes),
                          std::to_string(s.censored),
                          NumberText(s.rank_lambda),
                          NumberText(s.rank_frequency),
                          NumberText(s.partial_frequency),
                          NumberText(s.slope),
                          NumberText(s.spread)});
  return table;
}

Emergence EmergenceFromFiles(const Npz& modes, const Table& table, const Table& statistics) {
  const NpzReader reader(modes, "modes.npz");
  Emergence e;
  e.lambda = reader.Vector("lambda");
  e.frequency = reader.Vector("frequency");
  e.sigma_critical = reader.Vector("sigma_critical");
  e.sigmas = reader.Vector("sigmas");
  e.gain = reader.Matrix("gain");
  e.linear_gain = reader.Matrix("linear_gain");
  e.resolved = reader.MatrixIf("resolved");
  e.linear_resolved = reader.MatrixIf("linear_resolved");
  e.mode_error = reader.MatrixIf("mode_error");
  e.image_halves = reader.MatrixIf("image_halves");
  for (const auto& [prefix, halves] :
       {std::pair{"deep_", &e.deep}, std::pair{"linear_", &e.linear}}) {
    halves->resize(table.rows.size());
    for (const HalfField& half : kHalves) {
      const std::size_t column = table.Column(std::string(prefix) + half.name);
      for (std::size_t k = 0; k < table.rows.size(); ++k) {
        const std::vector<std::string>& row = table.rows[k];
        (*halves)[k].*half.member = {ReadNumber(row[column]),
                                     ReadNumber(row[column + 1]),
                                     ReadNumber(row[column + 2]),
                                     row[column + 3]};
      }
    }
  }
  for (const std::vector<std::string>& row : statistics.rows)
    e.statistics.push_back({row[0],
                            row[1],
                            std::stoll(row[2]),
                            std::stoll(row[3]),
                            ReadNumber(row[4]),
                            ReadNumber(row[5]),
                            ReadNumber(row[6]),
                            ReadNumber(row[7]),
                            ReadNumber(row[8])});
  return e;
}

}  // namespace denoscope
