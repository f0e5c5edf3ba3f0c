#include "tools/arguments/jacobian_argument.h"

#include <filesystem>

#include "denoscope/base/error.h"
#include "denoscope/linalg/elpa_spectrum.h"
#include "denoscope/ranks/ranks.h"
#include "tools/arguments/ranks_flag.h"

namespace denoscope {
namespace {

void AddPointFlags(Command command, JacobianArguments& a) {
  AddModelFlags(command, a.model);
  command.Add("--data", a.data, "data set that a linear model is fitted to").ShowDefault();
  command.Add("--input", a.input, "noisy image, NPY, (C,H,W) or (1,C,H,W), f4 or f8");
  command.Add("--sigma", a.sigma, "its noise level, [0,1] scale");
  command.Add("--sigma-scale", a.sigma_scale, "divides sigma").ShowDefault();
  command.Add("--dtype", a.type, "arithmetic and output: float32 or float64")
      .OneOf({"float32", "float64"})
      .ShowDefault();
  command.Add("--block", a.job.options.block, "rows a product; 0: chosen").ShowDefault();
  command
      .Add("--engine",
           a.engine,
           "dense; coloured, exact and sparse where the receptive field is small; krylov, "
           "leading pairs alone; or auto")
      .OneOf({"auto", "dense", "coloured", "krylov"})
      .ShowDefault();
}

void AddLeadingFlags(Command command, JacobianArguments& a) {
  command.Add("--top",
              a.job.leading.count,
              "so many leading eigenpairs of sym(J) and singular triplets of J instead of "
              "the matrix, to an NPZ file; with --engine krylov 32 unless given");
  command
      .Add("--probes",
           a.job.leading.probes,
           "with --top: so many random vectors for the trace, the diagonal and, from 16 of "
           "them, the spectral density of sym(J), all with errors")
      .ShowDefault();
}

void AddOutputFlags(Command command, JacobianArguments& a) {
  command.Add("--dry-run", a.dry_run, "passes, memory and seconds from a probe, no more");
  AddRanksFlag(command, a.ranks);
  command.Add("--out",
              a.job.out,
              "file to write: (d,d), row = output pixel; NPY, or of a coloured one NPZ with "
              "data, indices, indptr and shape, for scipy.sparse.csr_matrix");
  command.Add("--spectrum",
              a.job.spectrum.values,
              "all eigenvalues of sym(J), descending, to this NPY file; several ranks "
              "share the work, and none holds J");
  command.Add("--eigenvectors",
              a.job.spectrum.vectors,
              "with --spectrum: NPY file for all eigenvectors, (d,d), row k that of value k");
  command.Add("--matrix",
              a.matrix,
              "with --spectrum, in place of a model and an image: NPY file of a finished J");
}

// Either a model at a point, or a finished matrix.
void CheckSource(const JacobianArguments& a) {
  const bool any = !(a.input.empty() && a.sigma.empty() && a.job.out.empty());
  if (a.matrix.empty()) {
    if (a.model.model.empty()) throw UsageError("--model is required");
    if (a.input.empty()) throw UsageError("--input is required");
    if (a.sigma.empty()) throw UsageError("--sigma is required");
    if (a.job.out.empty()) throw UsageError("--out is required");
  } else if (any || !a.model.model.empty()) {
    throw UsageError("--matrix: stands in place of --model, --input, --sigma and --out");
  } else if (a.job.spectrum.values.empty()) {
    throw UsageError("--matrix: goes with --spectrum");
  }
}

void CheckAbsent(const std::string& file, bool force) {
  if (!file.empty() && !force && std::filesystem::exists(file))
    throw Error("file '{}': exists, use --force to replace it", file);
}

void CheckSpectrum(const SpectrumFiles& files, const SharedFlags& flags) {
  if (files.values.empty() && !files.vectors.empty())
    throw UsageError("--eigenvectors: goes with --spectrum");
  const Ranks& ranks = Ranks::OfThisJob();
  if (!files.values.empty() && ranks.Count() > 1 && !CanUseElpa(ranks))
    throw Error(
        "--spectrum: on {} ranks it takes ELPA, and this program is built without it; install "
        "libelpa-dev and build it again, or start one process",
        ranks.Count());
  CheckAbsent(files.values, flags.force);
  CheckAbsent(files.vectors, flags.force);
}

void CheckJob(const JacobianArguments& a, const SharedFlags& flags) {
  const LeadingOptions& leading = a.job.leading;
  if (leading.count < 0) throw UsageError("--top: expected a number >= 1, found {}", leading.count);
  if (leading.probes == 1 || leading.probes < 0)
    throw UsageError("--probes: expected 0 or a number >= 2, found {}", leading.probes);
  if (leading.count > 0 && a.engine != "krylov" && a.engine != "auto")
    throw UsageError("--top: goes with --engine krylov, found {}", a.engine);
  if (leading.count > 0 && a.type != "float32")
    throw UsageError("--top: computes in float32, found --dtype {}", a.type);
  if (leading.probes > 0 && leading.count == 0)
    throw UsageError("--probes: goes with --top or --engine krylov");
  CheckSpectrum(a.job.spectrum, flags);
  if (a.job.spectrum.values.empty()) return;
  if (leading.count > 0) throw UsageError("--spectrum: is of the whole matrix, found --top");
  if (a.engine == "coloured")
    throw UsageError("--spectrum: is of a dense matrix, found --engine coloured");
}

}  // namespace

void AddJacobianFlags(Command command, JacobianArguments& a) {
  AddPointFlags(command, a);
  AddLeadingFlags(command, a);
  AddOutputFlags(command, a);
}

JacobianJob JobFrom(JacobianArguments a, const SharedFlags& flags) {
  CheckSource(a);
  JacobianJob& job = a.job;
  if (a.engine == "krylov" && job.leading.count == 0) job.leading.count = 32;
  CheckJob(a, flags);
  if (a.engine == "dense") job.engine = Engine::kDense;
  if (a.engine == "coloured") job.engine = Engine::kColoured;
  job.leading.seed = flags.seed;
  job.force = flags.force;
  return job;
}

}  // namespace denoscope
