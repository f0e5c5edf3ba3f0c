#include "denoscope/report/sweep/cell_text.h"

#include <algorithm>
#include <cmath>

#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

std::string NumberText(double value) {
  return std::isfinite(value) ? fmt::format("{:.4g}", value + 0.0) : "-";  // no -0
}

std::string ScalarLines(const Cell& cell) {
  const auto deep = Scalars(cell.deep), linear = Scalars(cell.linear);
  std::string lines = fmt::format("{:<20}{:>12}", "", "denoiser");
  if (cell.HasLinear()) lines += fmt::format("{:>12}", "Wiener");
  lines += "\n";
  for (std::size_t i = 0; i < deep.size(); ++i) {
    if (!std::isfinite(deep[i].second) && !std::isfinite(linear[i].second)) continue;
    lines += fmt::format("{:<20}{:>12}", deep[i].first, NumberText(deep[i].second));
    if (cell.HasLinear()) lines += fmt::format("{:>12}", NumberText(linear[i].second));
    lines += "\n";
  }
  return lines;
}

std::vector<Eigen::Index> ShownIndices(Eigen::Index count) {
  std::vector<Eigen::Index> shown;
  if (count > 0) shown.push_back(0);
  for (Eigen::Index power = 1; power < count; power *= 10)
    for (const Eigen::Index k : {power, 2 * power, 5 * power})
      if (k < count - 1) shown.push_back(k);
  if (count > 1) shown.push_back(count - 1);
  return shown;
}

// Characters of a bar are places between 0 and `largest`; below 0 it is drawn with minus signs.
std::string Bar(double value, double marked, double largest) {
  constexpr int kWidth = 48;
  const auto place = [&](double v) {
    return static_cast<std::size_t>(
        std::lround(std::min(std::abs(v) / largest, 1.0) * (kWidth - 1)));
  };
  std::string bar(place(value) + (value == 0 ? 0 : 1), value < 0 ? '-' : '#');
  if (std::isfinite(marked)) {
    bar.resize(std::max(bar.size(), place(marked) + 1), ' ');
    bar[place(marked)] = '|';
  }
  return bar;
}

std::string SpectrumLines(const Cell& cell) {
  const Eigen::VectorXd &mu = cell.deep.eigenvalues, &wiener = cell.linear.eigenvalues;
  double largest = 1;
  if (mu.size() > 0) largest = std::max(largest, mu.cwiseAbs().maxCoeff());
  if (wiener.size() > 0) largest = std::max(largest, wiener.cwiseAbs().maxCoeff());
  std::string lines;
  for (const Eigen::Index k : ShownIndices(mu.size())) {
    const double marked = k < wiener.size() ? wiener[k] : kNotComputed;
    lines += fmt::format("{:>6} {:>9.4f}  {}\n", k, mu[k], Bar(mu[k], marked, largest));
  }
  return lines;
}

}  // namespace

std::string CellText(const Cell& cell) {
  const Shape& shape = cell.clean.shape;
  const Eigen::VectorXd& mu = cell.deep.eigenvalues;
  std::string text = fmt::format("image {}, sigma {}, draw {}: {} x {} x {}, d = {}\n\n",
                                 cell.image,
                                 SigmaText(cell.sigma),
                                 cell.draw,
                                 shape[0],
                                 shape[1],
                                 shape[2],
                                 ElementCount(shape));
  text += ScalarLines(cell);
  text += fmt::format("\neigenvalues of sym(J), {}{}, of which {} above 1/2, {} below 0\n",
                      mu.size(),
                      mu.size() < ElementCount(shape) ? " leading" : "",
                      (mu.array() > 0.5).count(),
                      (mu.array() < 0).count());
  if (cell.HasLinear()) text += "  bar: the denoiser's; |: Wiener's\n";
  return text + fmt::format("{:>6} {:>9}\n", "k", "mu_k") + SpectrumLines(cell);
}

Json CellJson(const Cell& cell) {
  const auto of = [](const Spectrum& spectrum) {
    Json json;
    for (const auto& [name, value] : Scalars(spectrum))
      json[name] = std::isfinite(value) ? Json(value) : Json();
    json["eigenvalues"] =
        std::vector<double>(spectrum.eigenvalues.begin(), spectrum.eigenvalues.end());
    return json;
  };
  Json json = {{"image", cell.image},
               {"sigma", cell.sigma},
               {"draw", cell.draw},
               {"shape", cell.clean.shape},
               {"denoiser", of(cell.deep)}};
  if (cell.HasLinear()) json["wiener"] = of(cell.linear);
  return json;
}

}  // namespace denoscope
