// The run folder of a diffuse study made without one: d = 16, three modes reported, bases of two
// vectors, two levels and a clean state. Every known process collapses by its number in the list.
// Link denoscope_results and denoscope_theory_frequency.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/results/diffuse_columns.h"
#include "denoscope/results/npz_members.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

struct SyntheticDiffuseRun {
  int trials = 12;
  double error = 0.01;  // NaN of one trial
};

class SyntheticDiffuseTables {
 public:
  explicit SyntheticDiffuseTables(const SyntheticDiffuseRun& options) : o_(options) {}

  void Write(const std::filesystem::path& folder) const {
    WriteCsv(folder / kDiffuseSteps.file, Steps());
    WriteCsv(folder / kDiffuseSpectra.file, Spectra());
    WriteCsv(folder / kDiffuseCollapse.file, Collapse());
    WriteCsv(folder / kDiffusePower.file, Power());
    WriteCsv(folder / kDiffuseDdim.file, Ddim());
    WriteCsv(folder / kDiffuseOperators.file, Operators());
    WriteCsv(folder / kDiffuseBases.file, Bases());
    WriteCsv(folder / kDiffuseAssumption.file, Assumption());
    WriteNpz(folder / "operators.npz", OperatorArrays());
    WriteNpz(folder / "samples.npz", Samples());
  }

  static Eigen::VectorXd Lambda() {
    Eigen::VectorXd lambda(16);
    for (Eigen::Index k = 0; k < 16; ++k) lambda(k) = 8 * std::pow(0.5, k);
    return lambda;
  }

 private:
  static const std::vector<std::string>& Known() {
    static const std::vector<std::string> names = {"wiener", "projection", "ddim", "flow", "power"};
    return names;
  }
  static const std::vector<std::string>& Learned() {
    static const std::vector<std::string> names = {"learned-fresh",
                                                   "learned-accumulated",
                                                   "sequential",
                                                   "injected-fresh",
                                                   "injected-accumulated"};
    return names;
  }
  static bool Clean(const std::string& process) { return process != "ddim" && process != "flow"; }

  void AddSteps(const std::string& schedule, const std::string& process, Table& table) const {
    const std::vector<double> sigmas = {2, 1, 0};
    for (std::size_t j = 0; j < (Clean(process) ? 3u : 2u); ++j)
      AddRow(table,
             {schedule, process},
             {static_cast<double>(j),
              sigmas[j],
              0.25 * static_cast<double>(j + 1),
              o_.error,
              4.0 / static_cast<double>(j + 1),
              4,
              1,
              1,
              0.5,
              0.25});
  }
  Table Steps() const {
    Table table = kDiffuseSteps.Empty({"ratio_1", "ratio_2"});
    for (const std::string schedule : {"karras", "geometric", "constant"})
      for (const std::string& process : Known()) AddSteps(schedule, process, table);
    for (const std::string& process : Learned()) AddSteps("karras", process, table);
    return table;
  }
  static Table Spectra() {
    Table table = kDiffuseSpectra.Empty();
    for (const auto& group : {Known(), Learned()})
      for (const std::string& process : group)
        for (Eigen::Index k = 0; k < 16; ++k) {
          const double lambda = Lambda()(k);
          AddRow(table, {process}, {static_cast<double>(k), lambda, 1, k == 0 ? 3.0 : 1.0, lambda});
        }
    return table;
  }
  static Table Collapse() {
    Table table = kDiffuseCollapse.Empty();
    for (const auto& group : {Known(), Learned()})
      for (const std::string& process : group)
        AddRow(table,
               {"karras", process, "shrinkage", "verdict on " + process + ", of two parts"},
               {2.5, 0.5, 0, 2, 0, process == "learned-fresh" ? 1.75 : NAN});
    return table;
  }
  static Table Power() {
    Table table = kDiffusePower.Empty();
    for (const std::string schedule : {"karras", "geometric", "constant"}) {
      AddRow(table, {schedule}, {1, 2, 0.01, 0.008});
      AddRow(table, {schedule}, {2, 1, 3, 4});
    }
    return table;
  }
  static Table Ddim() {
    Table table = kDiffuseDdim.Empty();
    for (const std::string schedule : {"karras", "geometric", "constant"}) {
      AddRow(table, {schedule}, {25, 0.1, 0.2});
      AddRow(table, {schedule}, {50, 0.05, 0.1});
    }
    return table;
  }
  Table Operators() const {
    Table table = kDiffuseOperators.Empty();
    for (const std::string noise : {"fresh", "accumulated"})
      for (const std::string regime : {"high", "low"})
        for (const double tau : {1.0, 2.0})
          for (const double k : {0.0, 1.0}) {
            const double ratio = k == 0 ? 1 : 0.5;
            AddRow(table,
                   {noise, regime},
                   {tau, 2, 1, k, 0.5 * ratio, o_.error, ratio, ratio, ratio - 0.25 * k, 0.02});
          }
    return table;
  }
  Table Bases() const {
    Table table = kDiffuseBases.Empty();
    for (const std::string noise : {"fresh", "accumulated"})
      for (const double k : {0.0, 1.0})
        for (const double level : {0.0, 1.0})
          AddRow(table, {noise}, {level, 2 - level, k, 0.5, o_.error, 0.75, o_.error, 0.5});
    return table;
  }
  Table Assumption() const {
    Table table = kDiffuseAssumption.Empty();
    for (const std::string noise : {"fresh", "accumulated"})
      AddRow(table, {noise}, {0, 2, 1, noise == "fresh" ? 0.375 : 0.125, o_.error});
    return table;
  }
  static Npz OperatorArrays() {
    Npz npz;
    for (const std::string noise : {"fresh", "accumulated"})
      for (const std::string regime : {"high", "low"})
        for (const std::string tau : {"1", "2"}) {
          Eigen::Matrix2d P;
          P << 0.5, 0.125, -0.125, 0.25;
          npz[noise + "_" + regime + "_" + tau] = Rows(P);
        }
    return npz;
  }
  static Npz Samples() {
    Npz npz;
    const std::vector<double> pixels(2 * 16, 0.25);
    npz["starts"] = Array::From<double>({2, 1, 4, 4}, pixels);
    for (const auto& group : {Known(), Learned()})
      for (const std::string& process : group)
        npz[process] = Array::From<double>({2, 1, 4, 4}, pixels);
    return npz;
  }

  SyntheticDiffuseRun o_;
};

inline RunFolder MakeSyntheticDiffuseRun(const std::filesystem::path& folder,
                                         const SyntheticDiffuseRun& options) {
  const Json identity = {{"options",
                          {{"samples", "images"},
                           {"start", "matched"},
                           {"n", 40},
                           {"rank", 2},
                           {"trials", options.trials},
                           {"starts", 5},
                           {"modes", 3}}},
                         {"data", {{"name", "tiny"}, {"images", 60}}}};
  RunFolder run =
      RunFolder::Begin({folder}, {{"kind", "diffuse"}, {"version", 1}, {"identity", identity}});
  Reference reference;
  reference.image_shape = {1, 4, 4};
  reference.n = 300;
  reference.mean = Eigen::VectorXd::Constant(16, 0.5);
  reference.lambda = SyntheticDiffuseTables::Lambda();
  reference.basis =
      DctBasis({1, 4, 4}).InverseTransform(Eigen::MatrixXd::Identity(16, 16)).cast<float>();
  reference.frequency = Eigen::VectorXd::Zero(16);
  WriteNpz(folder / "reference.npz", ToNpz(reference));
  SyntheticDiffuseTables(options).Write(folder);
  run.SetManifest("status", "complete");
  return run;
}

}  // namespace denoscope
