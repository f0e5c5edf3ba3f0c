#include "denoscope/results/posterior_record.h"

#include <cmath>

#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

Eigen::VectorXd Values(const Array& a) {
  const std::vector<double> values = a.AsDoubles();
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

Npz Unit(const RunFolder& run, const std::string& name) {
  if (!run.HasCell(name)) throw Error("run '{}': cell '{}' is missing", run.Path().string(), name);
  return ReadNpz(run.CellPath(name));
}

}  // namespace

Eigen::VectorXd Posterior::Deviations() const { return pixel_variances.cwiseMax(0).cwiseSqrt(); }

double Posterior::NegativeShare() const {
  return static_cast<double>((pixel_variances.array() < 0).count()) /
         static_cast<double>(pixel_variances.size());
}

double Posterior::SquaredError() const { return (Values(clean) - Values(denoised)).squaredNorm(); }

Eigen::VectorXd Posterior::Shares() const {
  return variances / (total_variance > 0 ? total_variance : kNotComputed);
}

Npz ToNpz(const Posterior& p) {
  const auto pictures = [&](Array a, Eigen::Index count) {
    a.shape = p.clean.shape;
    if (count > 0) a.shape.insert(a.shape.begin(), count);
    return a;
  };
  Npz npz = {{"image", Integer(p.image)},
             {"sigma_index", Integer(p.sigma_index)},
             {"sigma", Scalar(p.sigma)},
             {"clean", p.clean},
             {"noisy", p.noisy},
             {"denoised", p.denoised},
             {"variances", Doubles(p.variances)},
             {"variance_bounds", Doubles(p.variance_bounds)},
             {"angle_bounds", Doubles(p.angle_bounds)},
             {"cluster_sizes", Doubles(p.cluster_sizes)},
             {"components", pictures(Rows(p.components.transpose()), p.components.cols())},
             {"converged", Integer(p.converged)},
             {"applications", Integer(p.applications)},
             {"status", Text(p.status)},
             {"pixel_variances", pictures(Doubles(p.pixel_variances), 0)},
             {"deviations", pictures(Doubles(p.Deviations()), 0)},
             {"total_variance", Scalar(p.total_variance)},
             {"total_error", Scalar(p.total_error)},
             {"asymmetry", Scalar(p.asymmetry)}};
  if (p.pixel_errors.size() > 0) npz["pixel_errors"] = pictures(Doubles(p.pixel_errors), 0);
  return npz;
}

Posterior PosteriorFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader reader(npz, source);
  Posterior p;
  p.image = reader.Whole("image");
  p.sigma_index = reader.Whole("sigma_index");
  p.sigma = reader.Number("sigma");
  p.clean = reader.Get("clean");
  p.noisy = reader.Get("noisy");
  p.denoised = reader.Get("denoised");
  p.variances = reader.Vector("variances");
  p.variance_bounds = reader.Vector("variance_bounds");
  p.angle_bounds = reader.Vector("angle_bounds");
  p.cluster_sizes = reader.Vector("cluster_sizes");
  p.components = reader.Matrix("components").transpose().cast<float>();
  p.converged = reader.Whole("converged");
  p.applications = reader.Whole("applications");
  p.status = reader.Words("status");
  p.pixel_variances = reader.Vector("pixel_variances");
  p.pixel_errors = reader.VectorIf("pixel_errors");
  p.total_variance = reader.Number("total_variance");
  p.total_error = reader.Number("total_error");
  p.asymmetry = reader.Number("asymmetry");
  return p;
}

Npz ToNpz(const Coverage& c) {
  Npz npz = {{"sigma_index", Integer(c.sigma_index)},
             {"sigma", Scalar(c.sigma)},
             {"not_converged", Integer(c.not_converged)}};
  for (const DirectionErrors& kind : c.kinds) {
    npz[kind.kind + "_errors"] = Rows(kind.errors);
    npz[kind.kind + "_variances"] = Rows(kind.variances);
  }
  return npz;
}

Coverage CoverageFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader reader(npz, source);
  Coverage c;
  c.sigma_index = reader.Whole("sigma_index");
  c.sigma = reader.Number("sigma");
  c.not_converged = reader.Whole("not_converged");
  for (const std::string kind : {"pca", "pixel", "component"})
    if (reader.Has(kind + "_errors"))
      c.kinds.push_back(
          {kind, reader.Matrix(kind + "_errors"), reader.Matrix(kind + "_variances")});
  return c;
}

std::string CoverageName(double sigma) { return fmt::format("coverage_sig-{:.6f}", sigma); }

std::vector<Posterior> ReadPosteriors(const RunFolder& run,
                                      const std::vector<std::int64_t>& images,
                                      const std::vector<double>& sigmas) {
  std::vector<Posterior> posteriors;
  for (const double sigma : sigmas)
    for (const std::int64_t image : images) {
      const std::string name = ImageUnitName(image, sigma);
      posteriors.push_back(PosteriorFromNpz(Unit(run, name), name));
    }
  return posteriors;
}

std::vector<Coverage> ReadCoverages(const RunFolder& run, const std::vector<double>& sigmas) {
  std::vector<Coverage> coverages;
  for (const double sigma : sigmas)
    coverages.push_back(CoverageFromNpz(Unit(run, CoverageName(sigma)), CoverageName(sigma)));
  return coverages;
}

}  // namespace denoscope
