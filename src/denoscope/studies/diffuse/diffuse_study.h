// Linear reverse processes side by side, on the spectrum of a data set and from the same starts, in
// a run folder that resumes.
//
//   known spectrum     repeated Wiener denoising, projection on the true basis, DDIM, exact flow
//                      and power iteration (linear_diffusion.h), on the run's own levels and on
//                      every schedule between the same extremes;
//   learned, by trial  bases of n noisy samples at each level (learned_diffusion.h), on the run's
//                      levels, with their partial operators in the basis U_0 of the clean data.
//
// U_0, lambda and m are those of the reference images (a training split). Noisy samples are images
// of another split, fresh noise taking n others of them at each level, or Gaussian samples
// N(m, Sigma): of those E P = prod E[U U^T] is exact for fresh noise (partial_operators.h).
//
// Units of work: ten trials each, on all threads. With the defaults and d = 784 the 50 trials take
// three minutes of processor time.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/data/image_set.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/theory/diffusion/learned_diffusion.h"
#include "denoscope/theory/diffusion/linear_diffusion.h"
#include "denoscope/theory/diffusion/schedule.h"

namespace denoscope {

struct DiffuseStudyOptions {
  ScheduleOptions schedule;       // of the run's levels
  std::vector<double> sigmas;     // levels of the user's own, falling; empty: the schedule's
  bool gaussian_samples = false;  // else images
  std::int64_t n = 1000;          // samples of a basis, >= 2
  std::int64_t rank = 10;         // r of learned bases and of the true projection
  std::int64_t trials = 50;       // >= 1; one has no standard error
  std::int64_t starts = 64;       // >= 2
  std::int64_t modes = 8;         // leading modes reported, >= 2
  StartKind start = StartKind::kMatched;
  Injection injection = Injection::kStepVariance;
  std::vector<std::int64_t> taus = {1, 5, 20};  // levels of a partial operator, >= 1
  std::uint64_t seed = 0;
  int threads = 1;  // of trials: results are the same for any

  void Check() const;
};

struct DiffuseStudyInput {
  const ImageSet& reference;  // more images than d are best: lambda is taken as the truth
  const ImageSet& samples;    // of the same size; at least n
  Json record;                // command, revision, libraries, threads: recorded only
};

// Runs or resumes, and ends with the tables (diffuse_tables.h). Throws Interrupted, with finished
// units kept, when cancelled.
RunFolder RunDiffuseStudy(const DiffuseStudyInput& input,
                          const DiffuseStudyOptions& options,
                          const std::filesystem::path& out,
                          bool force,
                          const ProgressSink& progress);

// The levels of a run, its own first and the other schedules between the same extremes.
struct NamedLevels {
  std::string name;  // karras|geometric|constant|given
  Eigen::VectorXd levels;
};
std::vector<NamedLevels> StudiedLevels(const DiffuseStudyOptions& options);

// The first of these levels at which n samples in d dimensions show mode 0, after Baik, Ben Arous &
// Péché 2005: below sqrt(lambda_0) (n/d)^(1/4). 0 when none is.
Eigen::Index FirstVisibleLevel(const Eigen::VectorXd& levels,
                               const Eigen::VectorXd& lambda,
                               std::int64_t n);

}  // namespace denoscope
