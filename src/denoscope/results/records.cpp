#include "denoscope/results/records.h"

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

struct VectorField {
  const char* name;
  Eigen::VectorXd Spectrum::*member;
};
constexpr VectorField kSpectrumVectors[] = {
    {"eigenvalues", &Spectrum::eigenvalues},
    {"singular_values", &Spectrum::singular_values},
    {"diagonal", &Spectrum::diagonal},
    {"pca_gain", &Spectrum::pca_gain},
    {"band_gain", &Spectrum::band_gain},
    {"eigenvector_frequency", &Spectrum::eigenvector_frequency},
    {"left_right_cosine", &Spectrum::left_right_cosine},
    {"left_pca_cosine", &Spectrum::left_pca_cosine},
    {"right_pca_cosine", &Spectrum::right_pca_cosine}};

struct ScalarField {
  const char* name;
  double Spectrum::*member;
  bool later = false;  // the first runs did not have it
};
constexpr ScalarField kSpectrumScalars[] = {
    {"mse", &Spectrum::mse},
    {"sure", &Spectrum::sure},
    {"calibration", &Spectrum::calibration},
    {"trace", &Spectrum::trace},
    {"asymmetry", &Spectrum::asymmetry},
    {"negative_mass", &Spectrum::negative_mass},
    {"effective_rank", &Spectrum::effective_rank},
    {"imaginary_share", &Spectrum::imaginary_share},
    {"homogeneity_defect", &Spectrum::homogeneity_defect},
    {"blind_share", &Spectrum::blind_share, true},
    {"homogeneous_share", &Spectrum::homogeneous_share, true},
    {"blind_allowance", &Spectrum::blind_allowance, true},
    {"local_noise", &Spectrum::local_noise, true},
    {"local_images", &Spectrum::local_images, true},
    {"outside_mass", &Spectrum::outside_mass, true}};

struct MatrixField {
  const char* name;
  Eigen::MatrixXf Spectrum::*member;
};
constexpr MatrixField kSpectrumMatrices[] = {{"pca_matrix", &Spectrum::pca_matrix},
                                             {"sketch", &Spectrum::sketch},
                                             {"sketch_transpose", &Spectrum::sketch_transpose}};

void AddSpectrum(const Spectrum& s, const std::string& prefix, const Shape& image, Npz& npz) {
  for (const VectorField& field : kSpectrumVectors)
    if ((s.*field.member).size() > 0) npz[prefix + field.name] = Floats(s.*field.member);
  for (const ScalarField& field : kSpectrumScalars)
    npz[prefix + field.name] = Scalar(s.*field.member);
  for (const MatrixField& field : kSpectrumMatrices)
    if ((s.*field.member).size() > 0) npz[prefix + field.name] = Rows(s.*field.member);
  if (s.foretold_gain.size() > 0) npz[prefix + "foretold_gain"] = Rows(s.foretold_gain);
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
    s.*field.member =
        field.later ? reader.NumberIf(prefix + field.name) : reader.Number(prefix + field.name);
  for (const MatrixField& field : kSpectrumMatrices)
    s.*field.member = reader.MatrixIf(prefix + field.name).cast<float>();
  s.foretold_gain = reader.MatrixIf(prefix + "foretold_gain");
  s.eigenvectors = reader.Matrix(prefix + "eigenvectors").transpose().cast<float>();
  if (reader.Has(prefix + "eigenvalues_complex")) {
    const Eigen::MatrixXd parts = reader.Matrix(prefix + "eigenvalues_complex");
    s.eigenvalues_complex.resize(parts.rows());
    s.eigenvalues_complex.real() = parts.col(0);
    s.eigenvalues_complex.imag() = parts.col(1);
  }
  return s;
}

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
  r.data_sha256 = reader.Words("data_sha256");
  r.band_centre = reader.Vector("band_centre");
  r.band_groups = reader.Whole("band_groups");
  r.mean = reader.VectorIf("mean");
  r.lambda = reader.VectorIf("lambda");
  r.frequency = reader.VectorIf("frequency");
  r.basis = reader.MatrixIf("basis").transpose().cast<float>();
  return r;
}

}  // namespace denoscope
