#include "denoscope/studies/posterior/posterior_tables.h"

#include <cmath>
#include <utility>

#include "denoscope/measure/ratio_of_means.h"
#include "denoscope/results/posterior_columns.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

// Nominal levels and the two-sided normal quantiles of them.
constexpr std::pair<double, double> kLevels[] = {{0.5, 0.6744897501960817},
                                                 {0.68, 0.9944578832097532},
                                                 {0.9, 1.6448536269514722},
                                                 {0.95, 1.959963984540054}};

// Sum over counted directions, mean over them: a ratio with the image as the unit.
MeanRatio Share(const VectorXd& sums, const VectorXd& counts) {
  if (!(counts.sum() > 0)) return {kNotComputed, kNotComputed};
  MeanRatio share = {sums.sum() / counts.sum(), kNotComputed};
  if (sums.size() >= kLeastImages) share.error = RatioOfMeans(sums, counts).error;
  return share;
}

void AddRows(const Coverage& coverage, const DirectionErrors& kind, Table& table) {
  const Index images = kind.errors.rows(), directions = kind.errors.cols();
  const Eigen::ArrayXXd positive = (kind.variances.array() > 0).cast<double>();
  const Eigen::ArrayXXd squares = (positive > 0)
                                      .select(kind.errors.array().square() / kind.variances.array(),
                                              Eigen::ArrayXXd::Zero(images, directions));
  const VectorXd counts = positive.rowwise().sum();
  const MeanRatio square = Share(squares.rowwise().sum(), counts);
  for (const auto& [level, quantile] : kLevels) {
    const Eigen::ArrayXXd covered = positive * (squares <= quantile * quantile).cast<double>();
    const MeanRatio share = Share(covered.rowwise().sum(), counts);
    AddRow(table,
           {NumberText(coverage.sigma), kind.kind},
           {level,
            share.value,
            share.error,
            square.value,
            square.error,
            1 - positive.mean(),
            static_cast<double>(images),
            static_cast<double>(directions)});
  }
}

}  // namespace

Table PosteriorSummaryTable(const std::vector<Posterior>& posteriors) {
  Table table = kPosteriorSummary.Empty();
  for (const Posterior& p : posteriors) {
    AddRow(table,
           {static_cast<double>(p.image),
            p.sigma,
            p.total_variance,
            p.total_error,
            p.SquaredError(),
            p.pixel_errors.size() == 0 ? 1.0 : 0.0,
            p.NegativeShare(),
            p.asymmetry,
            static_cast<double>(p.variances.size()),
            static_cast<double>(p.converged),
            static_cast<double>(p.applications)});
    table.rows.back().push_back(p.status);
  }
  return table;
}

Table ComponentsTable(const std::vector<Posterior>& posteriors) {
  Table table = kPosteriorComponents.Empty();
  for (const Posterior& p : posteriors) {
    const VectorXd shares = p.Shares();
    for (Index k = 0; k < p.variances.size(); ++k)
      AddRow(table,
             {static_cast<double>(p.image),
              p.sigma,
              static_cast<double>(k),
              p.variances(k),
              p.variance_bounds(k),
              shares(k),
              p.angle_bounds(k),
              p.cluster_sizes(k)});
  }
  return table;
}

Table CoverageTable(const std::vector<Coverage>& coverages) {
  Table table = kPosteriorCoverage.Empty();
  for (const Coverage& coverage : coverages)
    for (const DirectionErrors& kind : coverage.kinds) AddRows(coverage, kind, table);
  return table;
}

}  // namespace denoscope
