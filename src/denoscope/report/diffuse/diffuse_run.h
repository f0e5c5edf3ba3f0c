// What the figures and findings of a diffuse study read of its run folder.
#pragma once

#include <string>
#include <vector>

#include "denoscope/report/plots/number_rows.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct ProcessStyle {
  std::string name, label;  // in tables, in keys
  std::string line;         // of gnuplot: colour and dashes
  bool learned = false;
};
const std::vector<ProcessStyle>& ProcessStyles();  // in the order of tables
const ProcessStyle& StyleOf(const std::string& process);

struct DiffuseRun {
  Reference reference;
  Table steps, spectra, collapse, power, ddim, operators, bases, assumption;
  Npz operator_arrays, samples;
  std::string data, schedule, sample_kind, start;  // images|gaussian, matched|noise
  std::int64_t n = 0, rank = 0, trials = 0, starts = 0, modes = 0;

  std::int64_t Size() const { return reference.lambda.size(); }  // d
  NumberRows Steps(const std::string& process) const;            // on the run's own levels
  std::vector<std::string> Schedules() const;                    // the run's own first
  std::string Title() const;                                     // "fashion-mnist, d = 784"
  std::string Learning() const;  // "n = 1000 images, rank 10, 50 trials"
};
DiffuseRun ReadDiffuseRun(const RunFolder& run);

}  // namespace denoscope
