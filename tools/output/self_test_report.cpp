#include "tools/output/self_test_report.h"

#include <fmt/format.h>

namespace denoscope {
namespace {

std::string OutcomeText(SelfTestCheck::Outcome outcome) {
  if (outcome == SelfTestCheck::Outcome::kNotPossible) return "not done";
  return outcome == SelfTestCheck::Outcome::kPassed ? "passed" : "FAILED";
}

}  // namespace

Json SelfTestJson(const SelfTest& test) {
  Json checks = Json::array();
  for (const SelfTestCheck& check : test.checks) {
    Json worst = Json::array();
    for (const Disagreement& d : check.worst)
      worst.push_back({{"row", d.row}, {"column", d.column}, {"values", {d.first, d.second}}});
    checks.push_back({{"check", check.name},
                      {"method", check.method},
                      {"outcome", OutcomeText(check.outcome)},
                      {"error", check.error},
                      {"tolerance", check.tolerance},
                      {"note", check.note},
                      {"worst", worst}});
  }
  return {{"sigma", test.sigma}, {"passed", test.Passed()}, {"checks", checks}};
}

void PrintSelfTest(const SelfTest& test) {
  fmt::print("\nself-test at sigma {:.4g}\n", test.sigma);
  fmt::print("{:<21} {:<9} {:>8}  {:>9}  of\n", "check", "", "error", "tolerance");
  for (const SelfTestCheck& check : test.checks) {
    const bool done = check.outcome != SelfTestCheck::Outcome::kNotPossible;
    fmt::print("{:<21} {:<9} {:>8}  {:>9}  {}\n",
               check.name,
               OutcomeText(check.outcome),
               done ? fmt::format("{:.1e}", check.error) : "-",
               done ? fmt::format("{:.1e}", check.tolerance) : "-",
               check.method);
    if (!check.note.empty()) fmt::print("{:<52} {}\n", "", check.note);
    for (const Disagreement& d : check.worst)
      fmt::print("{:<52} J({},{}): {:.9g} and {:.9g}\n", "", d.row, d.column, d.first, d.second);
  }
}

}  // namespace denoscope
