#include "tools/output/jacobian_text.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <vector>

#include "denoscope/ranks/ranks.h"
#include "tools/output/rank_table.h"

namespace denoscope {
namespace {

void PrintPairs(const RitzPairs& eigen, const SingularTriplets& svd) {
  fmt::print("eigenpairs of sym(J): {}\nsingular triplets of J: {}\n", eigen.status, svd.status);
  fmt::print("   k  eigenvalue  residual   angle  singular value  residual   angle\n");
  for (Eigen::Index k = 0; k < eigen.values.size(); ++k)
    fmt::print("{:>4}  {:>10.6f}  {:8.1e}  {:6.4f}  {:>14.6f}  {:8.1e}  {:6.4f}\n",
               k,
               eigen.values[k],
               eigen.residuals[k],
               eigen.angle_bounds[k],
               svd.values[k],
               svd.residuals[k],
               svd.angle_bounds[k]);
}

void PrintStochastic(const StochasticFindings& s) {
  fmt::print(
      "trace {:.3f} +- {:.3f} (Hutchinson), {:.3f} +- {:.3f} (Hutch++); spectrum of sym(J) "
      "from {:.4f} or less to {:.4f} or more\n",
      s.trace.value,
      s.trace.error,
      s.trace_plus.value,
      s.trace_plus.error,
      s.density.least,
      s.density.largest);
}

void PrintAll(const LeadingPairs& found, const std::string& out, std::int64_t d) {
  PrintPairs(found.eigen, found.svd);
  if (found.stochastic) PrintStochastic(*found.stochastic);
  fmt::print("{}: {} products for d = {}, {:.2f} s\n", out, found.products, d, found.seconds);
  if (const int ranks = Ranks::OfThisJob().Count(); ranks > 1)
    fmt::print("by {} ranks, each of which heard {:.1f} MB, {:.1f} kB a product\n",
               ranks,
               1e-6 * static_cast<double>(found.bytes_heard),
               1e-3 * static_cast<double>(found.bytes_heard) / static_cast<double>(found.products));
}

Json LeadingJson(const LeadingPairs& found, const std::string& out, std::int64_t d) {
  const RitzPairs& eigen = found.eigen;
  const SingularTriplets& svd = found.svd;
  Json json = {{"out", out},
               {"d", d},
               {"eigenvalues", std::vector<double>(eigen.values.begin(), eigen.values.end())},
               {"singular_values", std::vector<double>(svd.values.begin(), svd.values.end())},
               {"complete", eigen.complete && svd.complete},
               {"eigenpairs", eigen.status},
               {"singular_triplets", svd.status},
               {"products", found.products},
               {"ranks", Ranks::OfThisJob().Count()},
               {"bytes_heard", found.bytes_heard},
               {"seconds", found.seconds}};
  if (found.stochastic) {
    json["trace"] = {found.stochastic->trace.value, found.stochastic->trace.error};
    json["trace_hutchpp"] = {found.stochastic->trace_plus.value,
                             found.stochastic->trace_plus.error};
  }
  return json;
}

// One line for each file.
std::string SpectrumText(const WrittenSpectrum& written, const SpectrumFiles& files) {
  std::string text =
      fmt::format("{}: {} eigenvalues of sym(J), {:.4f} to {:.4f}, by {}, {:.2f} s\n",
                  files.values,
                  written.count,
                  written.largest,
                  written.least,
                  written.by,
                  written.seconds);
  if (!files.vectors.empty())
    text += fmt::format("{}: their eigenvectors, one a row\n", files.vectors);
  return text;
}

Json SpectrumJson(const WrittenSpectrum& written, const SpectrumFiles& files) {
  return {{"spectrum", files.values},
          {"eigenvectors", files.vectors},
          {"largest", written.largest},
          {"least", written.least},
          {"by", written.by},
          {"seconds", written.seconds}};
}

}  // namespace

void PrintPlan(const JacobianPlan& plan,
               const EngineChoice& choice,
               std::int64_t ranks,
               const SharedFlags& flags) {
  const std::vector<RankPlan> ranked =
      ranks > 0 ? PlanRanksOf(plan, ranks) : std::vector<RankPlan>();
  if (!flags.json) {
    fmt::print("engine {} ({})\n{}\n", NameOf(choice.engine), choice.reason, plan.Text());
    if (ranks > 0)
      fmt::print("Of ranks with {} threads each{}:\n{}",
                 at::get_num_threads(),
                 plan.blocks > 0 ? "" : ", the least time",
                 RankTable(ranked));
    return;
  }
  fmt::print("{}\n",
             Json({{"engine", NameOf(choice.engine)},
                   {"reason", choice.reason},
                   {"d", plan.d},
                   {"passes", {plan.passes, plan.most_passes}},
                   {"seconds", {plan.seconds, plan.most_seconds}},
                   {"memory_bytes", plan.memory},
                   {"output_bytes", plan.output},
                   {"ranks", RankRows(ranked)}})
                 .dump(2));
}

void PrintWritten(const WrittenJacobian& written,
                  const JacobianJob& job,
                  const EngineChoice& choice,
                  std::int64_t d,
                  const SharedFlags& flags) {
  if (!flags.json) {
    fmt::print("{0}: J of {1} x {1} {2}, trace {3:.4f}, asymmetry {4:.4f}, {5:.2f} s\n{6}",
               job.out,
               d,
               written.kind,
               written.summary.trace,
               written.summary.asymmetry,
               written.seconds,
               written.spectrum ? SpectrumText(*written.spectrum, job.spectrum) : "");
    return;
  }
  Json json = {{"out", job.out},
               {"d", d},
               {"engine", NameOf(choice.engine)},
               {"reason", choice.reason},
               {"trace", written.summary.trace},
               {"asymmetry", written.summary.asymmetry},
               {"ranks", Ranks::OfThisJob().Count()},
               {"seconds", written.seconds}};
  if (written.spectrum) json["spectrum"] = SpectrumJson(*written.spectrum, job.spectrum);
  fmt::print("{}\n", json.dump(2));
}

void PrintLeading(const LeadingPairs& found,
                  const std::string& out,
                  std::int64_t d,
                  const SharedFlags& flags) {
  if (flags.json)
    fmt::print("{}\n", LeadingJson(found, out, d).dump(2));
  else
    PrintAll(found, out, d);
}

void PrintSpectrum(const WrittenSpectrum& written,
                   const SpectrumFiles& files,
                   const SharedFlags& flags) {
  fmt::print(
      "{}",
      flags.json ? SpectrumJson(written, files).dump(2) + "\n" : SpectrumText(written, files));
}

}  // namespace denoscope
