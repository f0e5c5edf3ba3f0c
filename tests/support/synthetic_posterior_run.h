// The run folder of a posterior study made without one: images of one level, components that are
// pixels, variances that fall by halves. Link denoscope_results.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/results/posterior_columns.h"
#include "denoscope/results/posterior_record.h"

namespace denoscope {

struct SyntheticPosteriorRun {
  Shape shape = {1, 4, 4};
  std::vector<std::int64_t> images = {0, 5, 6};
  std::vector<double> sigmas = {0.1, 0.4};
  bool exact = true, converged = true;
  double total_variance = 0.875;
  std::int64_t coverage_images = 50;  // 0: none
  std::string outside_training;
};

inline Posterior SyntheticPosterior(const SyntheticPosteriorRun& o,
                                    std::int64_t image,
                                    double sigma) {
  const std::int64_t d = ElementCount(o.shape);
  const auto flat = [&](float level) {
    return Array::From<float>(o.shape, std::vector<float>(static_cast<std::size_t>(d), level));
  };
  Posterior p;
  p.image = image;
  p.sigma = sigma;
  p.clean = flat(0.5F);
  p.noisy = flat(0.7F);
  p.denoised = flat(0.25F);
  p.variances = 0.25 * Eigen::Vector3d(1, 0.5, 0.25);
  p.variance_bounds = Eigen::Vector3d::Constant(1e-6);
  p.angle_bounds = Eigen::Vector3d::Constant(1e-3);
  p.cluster_sizes = Eigen::Vector3d::Ones();
  p.components = Eigen::MatrixXf::Identity(d, 3);
  p.converged = o.converged ? 3 : 2;
  p.status = "stopped at the limit of 7 operator columns";
  p.pixel_variances = Eigen::VectorXd::Constant(d, 0.04);
  p.pixel_variances(0) = -0.01;
  if (!o.exact) p.pixel_errors = Eigen::VectorXd::Constant(d, 0.004);
  p.total_variance = o.total_variance;
  p.total_error = o.exact ? 0 : 0.05;
  if (o.exact) p.asymmetry = 0.125;
  return p;
}

inline Table SyntheticCoverage(const SyntheticPosteriorRun& o) {
  Table table = kPosteriorCoverage.Empty();
  if (o.coverage_images == 0) return table;
  const double error = o.coverage_images < kLeastImages ? kNotComputed : 0.01;
  for (const double sigma : o.sigmas)
    for (const std::string kind : {"pca", "pixel", "component"})
      for (const double level : {0.5, 0.68, 0.9, 0.95})
        AddRow(
            table,
            {NumberText(sigma), kind},
            {level,
             0.9 * level,
             error,
             1.25,
             2 * error,
             kind == "pixel" ? 0.125 : 0.0,
             static_cast<double>(kind == "component" ? o.coverage_images / 2 : o.coverage_images),
             4});
  return table;
}

inline RunFolder MakeSyntheticPosteriorRun(const std::filesystem::path& path,
                                           const SyntheticPosteriorRun& o) {
  const Json options = {{"images", o.images},
                        {"sigmas", o.sigmas},
                        {"coverage_images", o.coverage_images},
                        {"probes", 128}};
  Json manifest = {
      {"kind", "posterior"},
      {"version", 1},
      {"identity",
       {{"options", options}, {"model", {{"name", "net"}}}, {"data", {{"name", "flat"}}}}}};
  if (!o.outside_training.empty()) manifest["outside_training"] = o.outside_training;
  RunFolder run = RunFolder::Begin({path, true}, manifest);
  for (const double sigma : o.sigmas) {
    for (const std::int64_t image : o.images)
      WriteNpz(run.CellPath(ImageUnitName(image, sigma)),
               ToNpz(SyntheticPosterior(o, image, sigma)));
    const Eigen::MatrixXd one = Eigen::MatrixXd::Ones(1, 1);
    if (o.coverage_images > 0)
      WriteNpz(run.CellPath(CoverageName(sigma)),
               ToNpz(Coverage{0, sigma, {{"pixel", one, one}}, o.converged ? 0 : 2}));
  }
  WriteCsv(path / kPosteriorCoverage.file, SyntheticCoverage(o));
  run.SetManifest("status", "complete");
  return run;
}

}  // namespace denoscope
