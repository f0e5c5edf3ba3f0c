// The noise of a variance-preserving diffusion by timestep:
//   x_t = sqrt(abar_t) x + sqrt(1 - abar_t) z,
// so that x_t / sqrt(abar_t) is x with noise of sigma_t = sqrt((1 - abar_t) / abar_t).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace denoscope {

class NoiseSchedule {
 public:
  // alpha_bar at t = 0, 1, ..: at least 2, in (0,1), descending. Throws, naming the first that is
  // not.
  NoiseSchedule(std::string name, std::vector<double> alpha_bar);

  static NoiseSchedule Linear();  // 1000 steps, beta 1e-4 to 0.02 (Ho, Jain, Abbeel 2020)
  static NoiseSchedule Cosine();  // 1000 steps (Nichol, Dhariwal 2021)
  // A text file: one alpha_bar a line. Throws, naming file and line.
  static NoiseSchedule FromFile(const std::filesystem::path& path);
  static NoiseSchedule Named(const std::string& name);  // "linear", "cosine" or a file
  static bool IsNamed(const std::string& name);         // one of the first two

  const std::string& Name() const { return name_; }
  const std::vector<double>& AlphaBar() const { return alpha_bar_; }
  const std::vector<double>& LogSigmas() const { return log_sigmas_; }  // ascending
  // The timestep of a noise level, between two of them linear in ln sigma; within 0.001 of an
  // integer that integer. Throws outside the schedule.
  double Timestep(double sigma) const;

 private:
  std::string name_;
  std::vector<double> alpha_bar_, log_sigmas_;
};

}  // namespace denoscope
