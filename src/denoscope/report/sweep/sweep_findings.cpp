#include "denoscope/report/sweep/sweep_findings.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/plots/words.h"
#include "denoscope/report/sweep/run_contents.h"

namespace denoscope {
namespace {

std::string WithError(double value, double error) {
  return std::isfinite(error) ? fmt::format("{:.3g} +- {:.1g}", value, error)
                              : fmt::format("{:.3g}", value);
}

std::string Extent(const RunContents& run, const std::vector<Level>& levels) {
  const std::string subject = run.subject.empty() ? "" : run.subject + ": ";
  if (levels.empty()) return subject + "no cells computed\n";
  const std::string to = levels.size() > 1 ? " to " + SigmaText(levels.back().sigma) : "";
  return subject + fmt::format("{}, sigma {}{}; {} analysed, {} in all\n",
                               Counted(levels.size(), "noise level"),
                               SigmaText(levels.front().sigma),
                               to,
                               Counted(Images(run.cells).size(), "image"),
                               Counted(run.cells.size(), "cell"));
}

std::string RatioAt(const Evaluation& e) {
  const std::string error =
      std::isfinite(e.ratio_error) ? fmt::format(" +- {:.3f}", e.ratio_error) : "";
  return fmt::format("{:.3f}{} at sigma {} ({} against {})",
                     e.mse / e.linear_mse,
                     error,
                     SigmaText(e.sigma),
                     WithError(e.mse, e.mse_error),
                     WithError(e.linear_mse, e.linear_mse_error));
}

std::string ErrorAgainstWiener(const std::vector<Evaluation>& evaluations) {
  if (evaluations.empty())
    return "no evaluation in this run: no mean squared error over held-out images\n";
  const auto ratio = [](const Evaluation& e) { return e.mse / e.linear_mse; };
  std::vector<Evaluation> known;
  for (const Evaluation& e : evaluations)
    if (std::isfinite(ratio(e))) known.push_back(e);
  const std::int64_t images = evaluations.front().images;
  if (known.empty())
    return fmt::format("MSE per pixel over {} held-out images: {} at sigma {}, {} at sigma {}\n",
                       images,
                       WithError(evaluations.front().mse, evaluations.front().mse_error),
                       SigmaText(evaluations.front().sigma),
                       WithError(evaluations.back().mse, evaluations.back().mse_error),
                       SigmaText(evaluations.back().sigma));
  const auto [best, worst] =
      std::minmax_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return ratio(a) < ratio(b);
      });
  return fmt::format(
      "MSE per pixel over {} held-out images as a share of Wiener's, +- one standard error: "
      "best {}, worst {}\n",
      images,
      RatioAt(*best),
      RatioAt(*worst));
}

std::string Censored(const std::vector<ModeHalves>& modes, const EmergenceMeasure& measure) {
  const auto count = [&](Censoring how) {
    return std::count_if(modes.begin(), modes.end(), [&](const ModeHalves& halves) {
      return (halves.*measure.half).censored == how;
    });
  };
  const auto above = count(Censoring::kAbove), below = count(Censoring::kBelow),
             none = count(Censoring::kNoCrossing);
  if (above + below + none == 0) return fmt::format("none of {}", modes.size());
  return fmt::format("{} of {} ({} above all sigmas, {} below, {} without a crossing)",
                     above + below + none,
                     modes.size(),
                     above,
                     below,
                     none);
}

std::string HalfText(const HalfLevel& half) {
  if (!std::isfinite(half.sigma)) return "censored (" + NameOf(half.censored) + ")";
  if (!std::isfinite(half.low)) return fmt::format("{:.3g}", half.sigma);
  return fmt::format("{:.3g} (95 % {:.3g} to {:.3g})", half.sigma, half.low, half.high);
}

std::string HalvesOfModes(const Emergence& e, const EmergenceMeasure& measure) {
  std::string text = "sigma_half by mode:";
  for (const std::size_t k : {0, 5, 20, 100})
    if (k < e.deep.size())
      text += fmt::format("{} k = {}: {}, Wiener {}",
                          k == 0 ? "" : ";",
                          k,
                          HalfText(e.deep[k].*measure.half),
                          HalfText(e.linear[k].*measure.half));
  return text + "\n";
}

std::string EmergenceLines(const Emergence& e) {
  const EmergenceMeasure measure = MeasureOf(e);
  const EmergenceStatistics deep =
      StatisticsOf(e, "deep", measure.name).value_or(EmergenceStatistics{});
  const EmergenceStatistics linear =
      StatisticsOf(e, "linear", measure.name).value_or(EmergenceStatistics{});
  const auto line =
      [](const char* what, const IntervalEstimate& first, const IntervalEstimate& second) {
        return fmt::format("{}: {}, Wiener {}\n", what, EstimateText(first), Decimal(second.value));
      };
  return fmt::format(
             "emergence of {} PCA modes, sigma_half where the {} falls to 1/2{}; censored: {}, "
             "Wiener {}\n",
             e.deep.size(),
             measure.words,
             measure.name == "resolved" ? "" : " (there is no evaluation in this run)",
             Censored(e.deep, measure),
             Censored(e.linear, measure)) +
         HalvesOfModes(e, measure) +
         line("rank correlation of sigma_half with frequency, over uncensored modes",
              deep.rank_frequency,
              linear.rank_frequency) +
         line("the same given lambda (partial)", deep.partial_frequency, linear.partial_frequency) +
         line("slope of log sigma_half on log lambda (1/2 for an ideal linear denoiser)",
              deep.slope,
              linear.slope) +
         "frequency tracks lambda, so any shrinker has about Wiener's rank correlation: the "
         "partial "
         "correlation and the slope are the numbers that tell denoisers apart\n";
}

// What the same measures show of denoisers that are none.
std::string ReferenceLines(const Emergence& e) {
  std::string text;
  for (const NullCurves& null : e.nulls) {
    text += text.empty() ? "beside it, levels of 1/2 of " : "; ";
    text += null.name + ":";
    for (const std::string measure : {"resolved", "gain"}) {
      const EmergenceStatistics s =
          StatisticsOf(e, null.name, measure).value_or(EmergenceStatistics{});
      text += measure == "resolved" ? " by resolved variance " : ", by gain ";
      text += s.modes < 3 ? "none"
                          : fmt::format("{} of {} modes, slope {:.2f}, spread {:.2f}",
                                        s.modes,
                                        s.modes + s.censored,
                                        s.slope.value,
                                        s.spread.value);
    }
  }
  return text.empty() ? "" : text + "\n";
}

double MeanOver(const std::vector<const Cell*>& cells, double Spectrum::*scalar) {
  double sum = 0;
  for (const Cell* cell : cells) sum += cell->deep.*scalar;
  return sum / static_cast<double>(cells.size());
}

// At the least, the middle and the greatest noise level.
template <typename Value>
std::string OverLevels(const std::vector<Level>& levels, const Value& value) {
  std::string text;
  for (const std::size_t i : EvenChoice(levels.size(), 3)) {
    const double v = value(levels[i]);
    text += fmt::format("{}{} at sigma {}",
                        text.empty() ? "" : ", ",
                        std::isfinite(v) ? fmt::format("{:.3g}", v) : "not computed",
                        SigmaText(levels[i].sigma));
  }
  return text + "\n";
}

std::string FromJacobians(const std::vector<Level>& levels) {
  if (levels.empty()) return "";
  const auto mean_of = [](double Spectrum::*scalar) {
    return [scalar](const Level& level) { return MeanOver(level.cells, scalar); };
  };
  return fmt::format("from Jacobians, mean over {} a noise level:\n",
                     Counted(levels.front().cells.size(), "cell")) +
         "asymmetry |J - J^T|/|J|, 0 to 2: " + OverLevels(levels, mean_of(&Spectrum::asymmetry)) +
         "negative mass of the eigenvalues of sym(J): " +
         OverLevels(levels, mean_of(&Spectrum::negative_mass)) +
         "calibration, sigma^2 tr J / d over the error made, 1 for an optimum: " +
         OverLevels(levels, [](const Level& level) {
           return MeanOver(level.cells, &Spectrum::calibration) /
                  MeanOver(level.cells, &Spectrum::mse);
         });
}

}  // namespace

std::string SweepFindings(const RunFolder& run) {
  const RunContents contents = ReadContents(run);
  const std::vector<Level> levels = Levels(contents.cells);
  std::string text = Extent(contents, levels);
  if (run.Manifest().contains("outside_training"))
    text +=
        JsonField<std::string>(run.Manifest(), "outside_training", run.Path() / "run.json") + "\n";
  text += ErrorAgainstWiener(contents.evaluations);
  if (contents.emergence)
    text += EmergenceLines(*contents.emergence) + ReferenceLines(*contents.emergence);
  else
    text += "no modes in this run: no comparison with PCA\n";
  text += FromJacobians(levels);
  const std::size_t images = Images(contents.cells).size();
  if (images > 0 && images < static_cast<std::size_t>(kLeastImages))
    text += fmt::format("only {} analysed: no interval is given for the numbers from Jacobians\n",
                        Counted(images, "image"));
  return text;
}

}  // namespace denoscope
