// What a diffuse study is asked for (diffuse_study.h), and the noise levels that follow from it.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/runs/study_data.h"
#include "denoscope/theory/diffusion/learned_diffusion.h"
#include "denoscope/theory/diffusion/linear_diffusion.h"
#include "denoscope/theory/diffusion/schedule.h"

namespace denoscope {

struct DiffuseStudyOptions {
  ScheduleOptions schedule;    // of the run's levels
  std::vector<double> sigmas;  // levels of the user's own, falling; empty: the schedule's
  SampleKind samples = SampleKind::kImages;
  std::int64_t n = 1000;     // samples of a basis, >= 2
  std::int64_t rank = 10;    // r of learned bases and of the true projection
  std::int64_t trials = 50;  // >= 1; one has no standard error
  std::int64_t starts = 64;  // >= 2
  std::int64_t modes = 8;    // leading modes reported, >= 2
  StartKind start = StartKind::kMatched;
  Injection injection = Injection::kStepVariance;
  std::vector<std::int64_t> taus = {1, 5, 20};  // levels of a partial operator, >= 1
  std::uint64_t seed = 0;
  int threads = 1;  // of trials: results are the same for any

  void Check() const;
};

// But threads, which change nothing.
template <typename Visit>
void EachOption(DiffuseStudyOptions& o, const Visit& visit) {
  auto& [schedule,
         sigmas,
         samples,
         n,
         rank,
         trials,
         starts,
         modes,
         start,
         injection,
         taus,
         seed,
         threads] = o;
  visit("schedule", schedule);
  visit("sigmas", sigmas);
  visit("samples", samples);
  visit("n", n);
  visit("rank", rank);
  visit("trials", trials);
  visit("starts", starts);
  visit("modes", modes);
  visit("start", start);
  visit("injection", injection);
  visit("taus", taus);
  visit("seed", seed);
  visit.Apart("threads", threads);
}

// The levels of a run, its own first and the other schedules between the same extremes.
struct NamedLevels {
  std::string name;  // karras|geometric|constant|given
  Eigen::VectorXd levels;
};
std::vector<NamedLevels> StudiedLevels(const DiffuseStudyOptions& options);

}  // namespace denoscope
