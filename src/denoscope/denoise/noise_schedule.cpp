#include "denoscope/denoise/noise_schedule.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"

namespace denoscope {
namespace {

constexpr int kSteps = 1000;

// alpha_bar_t = prod_{s <= t} (1 - beta_s).
template <typename Beta>
std::vector<double> Products(const Beta& beta) {
  std::vector<double> alpha_bar;
  double product = 1;
  for (int t = 0; t < kSteps; ++t) alpha_bar.push_back(product *= 1 - beta(t));
  return alpha_bar;
}

}  // namespace

NoiseSchedule::NoiseSchedule(std::string name, std::vector<double> alpha_bar)
    : name_(std::move(name)), alpha_bar_(std::move(alpha_bar)) {
  if (alpha_bar_.size() < 2)
    throw Error("schedule '{}': expected 2 or more timesteps, found {}", name_, alpha_bar_.size());
  double before = 1;
  for (std::size_t t = 0; t < alpha_bar_.size(); ++t) {
    const double a = alpha_bar_[t];
    if (!(a > 0 && a < before))
      throw Error(
          "schedule '{}': expected alpha_bar to fall from below 1 and stay above 0, found {} after "
          "{} at timestep {}",
          name_,
          a,
          before,
          t);
    log_sigmas_.push_back((std::log1p(-a) - std::log(a)) / 2);
    before = a;
  }
}

NoiseSchedule NoiseSchedule::Linear() {
  constexpr double kFirst = 1e-4, kLast = 0.02;
  return {"linear", Products([](int t) { return kFirst + (kLast - kFirst) * t / (kSteps - 1); })};
}

NoiseSchedule NoiseSchedule::Cosine() {
  constexpr double kOffset = 0.008, kLargest = 0.999;
  const auto level = [](int t) {
    const double cosine =
        std::cos((static_cast<double>(t) / kSteps + kOffset) / (1 + kOffset) * M_PI / 2);
    return cosine * cosine;
  };
  return {"cosine",
          Products([&](int t) { return std::min(1 - level(t + 1) / level(t), kLargest); })};
}

NoiseSchedule NoiseSchedule::FromFile(const std::filesystem::path& path) {
  std::istringstream lines(ReadFile(path));
  std::vector<double> alpha_bar;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream text(line);
    double value = 0;
    std::string rest;
    if (!(text >> value) || text >> rest)
      throw Error(
          "schedule '{}': line {}: expected one number, found '{}'", path.string(), number, line);
    alpha_bar.push_back(value);
  }
  return {path.string(), std::move(alpha_bar)};
}

NoiseSchedule NoiseSchedule::Named(const std::string& name) {
  if (name == "linear") return Linear();
  if (name == "cosine") return Cosine();
  if (!std::filesystem::exists(name))
    throw Error("schedule '{}': expected linear, cosine or a file, found none of that name", name);
  return FromFile(name);
}

bool NoiseSchedule::IsNamed(const std::string& name) {
  return name == "linear" || name == "cosine";
}

double NoiseSchedule::Timestep(double sigma) const {
  constexpr double kSnap = 1e-3;
  const double value = std::log(sigma);
  const double first = log_sigmas_.front(), last = log_sigmas_.back();
  // Noise levels come as float32, too.
  const double slack = kSnap * (log_sigmas_[1] - first);
  if (!(value >= first - slack && value <= last + slack))
    throw Error("schedule '{}': noise of sigma {:.6g} is outside its timesteps, {:.6g} to {:.6g}",
                name_,
                sigma,
                std::exp(first),
                std::exp(last));
  const auto upper = std::clamp(std::upper_bound(log_sigmas_.begin(), log_sigmas_.end(), value),
                                log_sigmas_.begin() + 1,
                                log_sigmas_.end() - 1);
  const double t = static_cast<double>(upper - log_sigmas_.begin()) - 1 +
                   (value - upper[-1]) / (upper[0] - upper[-1]);
  return std::abs(t - std::round(t)) < kSnap ? std::round(t) : t;
}

}  // namespace denoscope
