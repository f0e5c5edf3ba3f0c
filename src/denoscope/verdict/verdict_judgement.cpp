#include <algorithm>
#include <cmath>

#include "denoscope/verdict/verdict.h"

namespace denoscope {
namespace {

constexpr double kStandardErrors = 4;

// The level at which something is largest, and how large.
struct Worst {
  double value = 0, sigma = 0;
  const LevelFindings* level = nullptr;
};
template <typename Of>
std::optional<Worst> WorstOf(const std::vector<LevelFindings>& levels, const Of& of) {
  std::optional<Worst> worst;
  for (const LevelFindings& level : levels) {
    const double value = of(level);
    if (!std::isnan(value) && (!worst || value > worst->value))
      worst = Worst{value, level.sigma, &level};
  }
  return worst;
}

Outcome Grade(double value, double doubt, double fail) {
  if (!(value < fail)) return Outcome::kFail;
  return value > doubt ? Outcome::kDoubt : Outcome::kPass;
}

// How far a ratio is from 1, in units of 1, beyond its sampling error; by its logarithm, so that 2
// and 1/2 are as far.
double Distance(const MeanRatio& ratio) {
  if (!(ratio.value > 0)) return std::numeric_limits<double>::infinity();
  return std::max(0.0,
                  std::abs(std::log(ratio.value)) - kStandardErrors * ratio.error / ratio.value);
}

// Where little can be gained by any linear denoiser, as at the ends of the noise range, a good one
// does no better than a multiple either.
bool HasRoom(const LevelFindings& level) {
  return std::isnan(level.errors.linear_mse) || level.errors.linear_mse < 0.8 * level.multiple_mse;
}

Check JudgeError(const std::vector<LevelFindings>& levels) {
  Check check{"denoises",
              Outcome::kUntested,
              "",
              "a multiple of the noisy image needs no network; says nothing of J"};
  const auto worst = WorstOf(levels, [](const LevelFindings& level) {
    return HasRoom(level) ? level.errors.mse / level.multiple_mse : std::nan("");
  });
  if (!worst) {
    check.finding = "no noise level leaves room between Wiener's error and that of a multiple of y";
    return check;
  }
  check.outcome = Grade(worst->value, 0.8, 0.95);
  const LevelFindings* const level = worst->level;
  check.finding = fmt::format(
      "at worst, sigma {:g}, MSE {:.3g} is {:.3g} times the noise and {:.3g} times that "
      "of the best multiple of y",
      worst->sigma,
      level->errors.mse,
      level->errors.mse / (worst->sigma * worst->sigma),
      worst->value);
  return check;
}

Check JudgeBesideWiener(const std::vector<LevelFindings>& levels) {
  Check check{
      "beside Wiener",
      Outcome::kUntested,
      "no training split, so no Wiener denoiser to compare with",
      "the optimum is at least as good as the best linear one, which is fitted to a sample"};
  const auto worst = WorstOf(levels, [](const LevelFindings& level) {
    return level.errors.mse / level.errors.linear_mse;
  });
  if (!worst) return check;
  check.outcome = Grade(worst->value, 1.05, 1.5);
  check.finding = fmt::format(
      "at worst, sigma {:g}, its MSE is {:.3g} times Wiener's", worst->sigma, worst->value);
  return check;
}

Check JudgeShrinkage(const std::vector<LevelFindings>& levels) {
  Check check{"shrinkage",
              Outcome::kUntested,
              "",
              "an optimum is orthogonal to its error; holds for the sum over all directions alone"};
  const auto worst =
      WorstOf(levels, [](const LevelFindings& level) { return Distance(level.calibration.slope); });
  if (!worst) return check;
  check.outcome = Grade(worst->value, 0.05, 0.2);
  const LevelFindings* const level = worst->level;
  const MeanRatio& slope = level->calibration.slope;
  check.finding =
      fmt::format("at worst, sigma {:g}, the signal is {:.3f} +- {:.3f} times what D says{}",
                  level->sigma,
                  slope.value,
                  slope.error,
                  check.outcome == Outcome::kPass ? ""
                  : slope.value > 1               ? ": it over-smooths"
                                                  : ": it keeps noise, or invents signal");
  return check;
}

Check JudgeCalibration(const std::vector<LevelFindings>& levels) {
  Check check{"calibration",
              Outcome::kUntested,
              "",
              "necessary, not sufficient: the best multiple of y passes"};
  const auto worst =
      WorstOf(levels, [](const LevelFindings& level) { return Distance(level.calibration.whole); });
  if (!worst) return check;
  check.outcome = Grade(worst->value, 0.1, 0.4);
  const LevelFindings* const level = worst->level;
  check.finding = fmt::format(
      "at worst, sigma {:g}, sigma^2 tr J foretells {:.3f} +- {:.3f} of the error that it makes",
      level->sigma,
      level->calibration.whole.value,
      level->calibration.whole.error);
  return check;
}

Check JudgeModes(const std::vector<LevelFindings>& levels) {
  Check check{"calibration by mode",
              Outcome::kUntested,
              "no training split, so no modes",
              "catches what cancels in the sum; only along PCA modes, on average over images"};
  constexpr double kLeastGain = 0.05;  // of Wiener's: modes below are not seen
  double off = 0, all = 0;
  for (const LevelFindings& level : levels)
    for (Eigen::Index k = 0; k < level.calibration.ratios.size(); ++k) {
      if (level.wiener_gains[k] < kLeastGain) continue;
      const double distance =
          Distance({level.calibration.ratios[k], level.calibration.ratio_errors[k]});
      off += distance > 0.2;
      ++all;
    }
  if (all == 0) return check;
  check.outcome = Grade(off / all, 0.1, std::numeric_limits<double>::infinity());
  check.finding = fmt::format(
      "of {:.0f} pairs of mode and sigma, {:.0f} ({:.0f} %) are off by more than 20 % beyond {:g} "
      "standard errors",
      all,
      off,
      100 * off / all,
      kStandardErrors);
  return check;
}

// Of an optimum, E[u^T J u] is at most Wiener's gain, and sigma^2 E[u^T J u] does not fall with
// sigma.
Check JudgeTheorems(const std::vector<LevelFindings>& levels) {
  Check check{"theorems",
              Outcome::kUntested,
              "no training split, so no modes",
              "hold for the optimum of any images; Wiener's gains come from a sample of them"};
  double above = 0, falling = 0, all = 0, pairs = 0;
  for (std::size_t s = 0; s < levels.size(); ++s) {
    const Calibration& c = levels[s].calibration;
    for (Eigen::Index k = 0; k < c.gains.size(); ++k) {
      above += c.gains[k] - levels[s].wiener_gains[k] > 0.02 + kStandardErrors * c.gain_errors[k];
      ++all;
      if (s == 0) continue;
      const Calibration& before = levels[s - 1].calibration;
      const double now = c.sigma * c.sigma, then = before.sigma * before.sigma;
      const double error = std::hypot(now * c.gain_errors[k], then * before.gain_errors[k]);
      falling += then * before.gains[k] - now * c.gains[k] > kStandardErrors * error;
      ++pairs;
    }
  }
  if (all == 0) return check;
  check.outcome = above + falling > 0 ? Outcome::kDoubt : Outcome::kPass;
  check.finding = fmt::format(
      "gain above Wiener's in {:.0f} of {:.0f} modes and noise levels; sigma^2 gain falls as sigma "
      "grows in {:.0f} of {:.0f}",
      above,
      all,
      falling,
      pairs);
  return check;
}

Check JudgeSymmetry(const DenoiserTraits& traits, const std::vector<LevelFindings>& levels) {
  Check check{"symmetry",
              Outcome::kUntested,
              "",
              "the error of the fit shows here first; of a few images with one noise each"};
  const auto worst = WorstOf(levels, [](const LevelFindings& level) { return level.asymmetry; });
  if (!worst) return check;
  check.outcome =
      Grade(worst->value, traits.conditioned ? 0.1 : 0.3, std::numeric_limits<double>::infinity());
  const auto negative =
      WorstOf(levels, [](const LevelFindings& level) { return level.negative_mass; });
  check.finding = fmt::format(
      "at worst, sigma {:g}, |J - J^T|/|J| is {:.2f}, where an optimum that {}; negative mass up "
      "to "
      "{:.3f}, of an optimum 0",
      worst->sigma,
      worst->value,
      traits.conditioned ? "knows sigma has 0" : "must guess sigma has about 0.1",
      negative ? negative->value : std::nan(""));
  return check;
}

Check JudgeMemory(const std::vector<LevelFindings>& levels) {
  Check check{"generalises",
              Outcome::kUntested,
              "no training split to compare with",
              "only if these are the images that it was trained on"};
  const auto worst = WorstOf(
      levels, [](const LevelFindings& level) { return level.errors.mse / level.training_mse; });
  if (!worst) return check;
  check.outcome = Grade(worst->value, 1.2, 2);
  const LevelFindings* const level = worst->level;
  check.finding = fmt::format(
      "at worst, sigma {:g}, its error on held-out images is {:.3g} times that on training images; "
      "J "
      "is {:.2f} from the memorising optimum's and {:.2f} from Wiener's, |J - M|/|M|{}",
      worst->sigma,
      worst->value,
      level->memory_distance.value,
      level->calibration.distance.value,
      check.outcome == Outcome::kFail ? ": it memorises" : "");
  return check;
}

std::string ReadingText(const Parameterisation& p) {
  return fmt::format(
      "{}{}, sigma input {}, pixels on {:g} to {:g}",
      NameOf(p.prediction),
      p.prediction == Prediction::kEdm ? fmt::format(" of rms {:g}", p.data_rms) : "",
      SigmaInputText(p),
      p.range.low,
      p.range.high);
}

// Geometric mean of mse over that of the best multiple of y, over the levels of the fit.
double BesideMultiple(const ReadingFit& fit, const std::vector<double>& multiple_mse) {
  double sum = 0, levels = 0;
  for (std::size_t s = 0; s < multiple_mse.size(); ++s) {
    const double mse = fit.mse[static_cast<Eigen::Index>(s)];
    if (std::isnan(mse)) continue;
    sum += std::log(mse / multiple_mse[s]);
    ++levels;
  }
  return std::exp(sum / levels);
}

}  // namespace

std::vector<Check> Judge(const DenoiserTraits& traits, const std::vector<LevelFindings>& levels) {
  return {JudgeError(levels),
          JudgeBesideWiener(levels),
          JudgeShrinkage(levels),
          JudgeCalibration(levels),
          JudgeModes(levels),
          JudgeTheorems(levels),
          JudgeSymmetry(traits, levels),
          JudgeMemory(levels)};
}

Check JudgeReading(const Parameterisation& declared,
                   const std::vector<ReadingFit>& fits,
                   const std::vector<double>& sigmas,
                   const std::vector<double>& multiple_mse) {
  constexpr double kBetter = 0.8;  // of the error, on geometric average
  Check check{"reading",
              Outcome::kUntested,
              "",
              "of the usual readings; those that give the same map cannot be told apart"};
  const auto own =
      std::find_if(fits.begin(), fits.end(), [](const ReadingFit& fit) { return fit.declared; });
  if (fits.empty()) {
    check.finding = "no usual reading has these noise levels";
    return check;
  }
  const ReadingFit& best = fits.front();
  if (own != fits.end() && best.score > own->score + std::log(kBetter)) {
    check.outcome = Outcome::kPass;
    check.finding = fmt::format(
        "none of {} usual readings does better by {:.0f} %", fits.size(), 100 * (1 - kBetter));
    return check;
  }
  // A reading's own c_skip shrinks y, whatever the network does: that is no sign of denoising.
  if (const double beside = BesideMultiple(best, multiple_mse); beside > kBetter) {
    check.finding = fmt::format(
        "no usual reading makes a denoiser of it: the best, {}, makes {:.2f} times the error of "
        "the "
        "best multiple of y",
        ReadingText(best.reading),
        beside);
    return check;
  }
  check.outcome = Outcome::kFail;
  check.finding = fmt::format("it is read as {}; ", ReadingText(declared));
  if (own != fits.end()) {
    const Eigen::ArrayXd times = own->mse.array() / best.mse.array();
    Eigen::Index at = 0;
    times.isNaN().select(0, times).maxCoeff(&at);
    const double sigma = sigmas[static_cast<std::size_t>(at)];
    check.finding += fmt::format("so its MSE is {:.3g} times the noise at sigma {:g}; ",
                                 own->mse[at] / (sigma * sigma),
                                 sigma);
  }
  check.finding += fmt::format("read as {} ", ReadingText(best.reading));
  check.finding += own != fits.end()
                       ? fmt::format("the error is {:.3g} times smaller on average",
                                     std::exp(own->score - best.score))
                       : "it has these noise levels, so read it has fewer than half of them";
  return check;
}

}  // namespace denoscope
