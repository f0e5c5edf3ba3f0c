// Finished runs of analyze, made without networks, to be laid side by side.
#pragma once

#include <filesystem>
#include <string>

#include "denoscope/results/sweep_columns.h"
#include "tests/support/named_row.h"
#include "tests/support/synthetic_run.h"

namespace denoscope {

// Fine enough that levels read off the curves are those of the formula to a few per mille.
inline SyntheticRun FineSweep() {
  SyntheticRun options;
  options.images = 1;
  options.sigmas.clear();
  for (int i = 0; i < 25; ++i) options.sigmas.push_back(0.05 * std::pow(10 / 0.05, i / 24.0));
  return options;
}

struct ComparedIdentity {
  std::string model = "net", data = "sines";
  std::int64_t n = 0;  // 0: none
};

inline RunFolder MakeComparedRun(const std::filesystem::path& path,
                                 const SyntheticRun& options,
                                 const ComparedIdentity& names = {}) {
  RunFolder run = MakeSyntheticRun(path, options);
  Json identity = {{"options", {{"sigmas", options.sigmas}, {"modes", options.modes}}},
                   {"model", {{"name", names.model}}},
                   {"data", {{"name", names.data}, {"sha256", "of " + names.data}}},
                   {"reference", {{"n", 1000}, {"sha256", "of " + names.data}}}};
  if (names.n > 0) identity["model"]["n"] = names.n;
  run.SetManifest("identity", identity);
  Table levels = kSweepLevels.Empty();
  for (const Evaluation& e : run.ReadEvaluations())
    AddNamedRow(
        levels,
        {{"sigma", e.sigma}, {"mse", e.mse}, {"linear_mse", e.linear_mse}, {"asymmetry", 0.25}});
  WriteCsv(path / kSweepLevels.file, levels);
  return run;
}

}  // namespace denoscope
