#include "denoscope/report/posterior/posterior_findings.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/plots/words.h"
#include "denoscope/report/posterior/posterior_run.h"

namespace denoscope {
namespace {

std::string Extent(const PosteriorRun& run) {
  const Posterior& first = run.posteriors.front();
  const std::string to =
      run.sigmas.size() > 1 ? " to " + SigmaText(run.sigmas.back()) : std::string();
  return fmt::format("{}: posterior sigma^2 J of {} at {}, sigma {}{}; {} each, d = {}\n",
                     run.subject,
                     Counted(static_cast<std::size_t>(run.images), "image"),
                     Counted(run.sigmas.size(), "noise level"),
                     SigmaText(run.sigmas.front()),
                     to,
                     Counted(static_cast<std::size_t>(first.variances.size()), "component"),
                     first.pixel_variances.size());
}

// Mean over the images of each noise level.
using OfPosterior = std::function<double(const Posterior&)>;
std::string ByLevel(const PosteriorRun& run, const OfPosterior& value) {
  std::string text;
  for (const std::size_t i : EvenChoice(run.sigmas.size(), 3)) {
    double sum = 0;
    for (const Posterior& p : run.posteriors)
      if (p.sigma == run.sigmas[i]) sum += value(p);
    text += fmt::format("{}{} at sigma {}",
                        text.empty() ? "" : ", ",
                        std::isfinite(sum)
                            ? fmt::format("{:.3g}", sum / static_cast<double>(run.images))
                            : "undefined",
                        SigmaText(run.sigmas[i]));
  }
  return text + "\n";
}

std::string VarianceLines(const PosteriorRun& run) {
  std::string text = "mean over images of the total variance sigma^2 tr J: " +
                     ByLevel(run, [](const Posterior& p) { return p.total_variance; }) +
                     "of the squared error made: " +
                     ByLevel(run, [](const Posterior& p) { return p.SquaredError(); }) +
                     "share of the total in these components: " +
                     ByLevel(run, [](const Posterior& p) { return p.Shares().sum(); });
  const auto exact = [](const Posterior& p) { return p.pixel_errors.size() == 0; };
  if (!exact(run.posteriors.front()))
    text += fmt::format(
                "pixels and total from {} random vectors; standard error of a pixel's "
                "variance over the mean variance: ",
                run.probes) +
            ByLevel(run, [](const Posterior& p) {
              return p.pixel_errors.mean() / p.pixel_variances.mean();
            });
  text += "share of pixels with a variance below 0, whose deviation is given as 0: " +
          ByLevel(run, [](const Posterior& p) { return p.NegativeShare(); });
  if (exact(run.posteriors.front()))
    text += "asymmetry |J - J^T|/|J|, 0 for a posterior: " +
            ByLevel(run, [](const Posterior& p) { return p.asymmetry; });
  if (run.images < kLeastImages)
    text += fmt::format("only {}: no interval is given for these means\n",
                        Counted(static_cast<std::size_t>(run.images), "image"));
  return text;
}

// Which searches did not end, and which vectors are arbitrary within a span.
std::string ConvergenceLines(const PosteriorRun& run) {
  std::int64_t components = 0, converged = 0, clustered = 0, negative = 0;
  const Posterior* stopped = nullptr;
  for (const Posterior& p : run.posteriors) {
    components += p.variances.size();
    converged += p.converged;
    clustered += (p.cluster_sizes.array() > 1).count();
    negative += (p.variances.array() <= 0).count();
    if (stopped == nullptr && p.converged < p.variances.size()) stopped = &p;
  }
  std::string text = fmt::format("{} of {} components converged", converged, components);
  if (stopped != nullptr)
    text +=
        fmt::format(" (image {} at sigma {}: {}); of the others the bounds say how far they are",
                    stopped->image,
                    SigmaText(stopped->sigma),
                    stopped->status);
  if (clustered > 0)
    text +=
        fmt::format("; {} have variances too close to tell apart: their span is known", clustered);
  if (negative > 0) text += fmt::format("; {} have no positive variance", negative);
  return text + "\n";
}

std::string KindLine(const NumberRows& rows, const std::string& kind, const char* words) {
  const NumberRows own = rows.Where("kind", kind).Where("level", 0.95);
  if (own.Empty()) return "";
  std::string text = fmt::format("  {}: ", words);
  for (const std::size_t i : EvenChoice(own.Count(), 3)) {
    const double without = own.At(i, "without_variance");
    text += fmt::format(
        "{}{} at sigma {} (mean z^2 {}{})",
        text.back() == ' ' ? "" : ", ",
        PlusMinus(own.At(i, "covered"), own.At(i, "covered_error")),
        SigmaText(own.At(i, "sigma")),
        PlusMinus(own.At(i, "mean_square"), own.At(i, "mean_square_error")),
        without > 0 ? fmt::format("; {:.2g} without a positive variance", without) : "");
  }
  return text + "\n";
}

std::string CoverageLines(const PosteriorRun& run) {
  const NumberRows rows(run.coverage);
  if (rows.Empty()) return "no coverage in this run: nothing tests these variances\n";
  const double images = rows.At(0, "images");
  std::string text = fmt::format(
      "coverage of nominal 95 % intervals over {}; z^2 squared error over variance, mean 1 for an "
      "optimum:\n",
      Counted(static_cast<std::size_t>(images), "held-out image"));
  text += KindLine(rows, "pca", "along PCA modes") + KindLine(rows, "pixel", "of pixels") +
          KindLine(rows, "component", "along each image's leading components");
  if (!run.no_pca_directions.empty())
    text += "no directions of PCA: " + run.no_pca_directions + "\n";
  const NumberRows own = rows.Where("kind", "component");
  if (!own.Empty() && own.At(0, "images") < images)
    text +=
        fmt::format("components are those of the first {} of these images\n", own.At(0, "images"));
  for (const Coverage& coverage : run.coverages)
    if (coverage.not_converged > 0)
      text += fmt::format("at sigma {} the search for components did not end at {}\n",
                          SigmaText(coverage.sigma),
                          Counted(static_cast<std::size_t>(coverage.not_converged), "image"));
  if (images < kLeastImages)
    text += fmt::format("only {}: too few for a standard error or an interval of the coverage\n",
                        Counted(static_cast<std::size_t>(images), "held-out image"));
  return text;
}

}  // namespace

std::string PosteriorFindings(const RunFolder& folder) {
  const PosteriorRun run = ReadPosteriorRun(folder);
  std::string text = Extent(run);
  if (!run.outside_training.empty()) text += run.outside_training + "\n";
  return text + VarianceLines(run) + ConvergenceLines(run) + CoverageLines(run);
}

}  // namespace denoscope
