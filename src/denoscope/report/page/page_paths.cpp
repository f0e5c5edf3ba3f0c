#include "denoscope/report/page/page_paths.h"

#include <algorithm>
#include <vector>

#include "denoscope/base/even_choice.h"
#include "denoscope/report/page/page_pictures.h"
#include "denoscope/results/trajectory_record.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

constexpr int kLongestSide = 64;
constexpr double kMostBytes = 600'000;  // of the pictures, before they are packed
constexpr std::size_t kMostStates = 24, kMostSamples = 6;

fs::path FirstUnit(const fs::path& run) {
  fs::path first;
  if (!fs::is_directory(run / "cells")) return first;
  for (const auto& entry : fs::directory_iterator(run / "cells")) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(kPathsPrefix, 0) == 0 && entry.path().extension() == ".npz" &&
        (first.empty() || entry.path() < first))
      first = entry.path();
  }
  return first;
}

// Whole samples first.
std::vector<Eigen::Index> Chosen(const Path& path, std::size_t most) {
  std::vector<Eigen::Index> samples = path.WholeSamples();
  for (Eigen::Index b = 0; b < path.Samples(); ++b)
    if (!path.Whole(b)) samples.push_back(b);
  samples.resize(std::min(samples.size(), most));
  return samples;
}

Json Sheet(const Array& states,
           const std::vector<Eigen::Index>& samples,
           const std::vector<std::size_t>& chosen) {
  const Shape shape(states.shape.begin() + 2, states.shape.end());
  TileSheet sheet(shape, kLongestSide, samples.size(), chosen.size());
  const auto size = static_cast<std::size_t>(ElementCount(shape));
  for (std::size_t row = 0; row < samples.size(); ++row)
    for (std::size_t column = 0; column < chosen.size(); ++column) {
      const std::size_t at = chosen[column] * static_cast<std::size_t>(states.shape[1]) +
                             static_cast<std::size_t>(samples[row]);
      sheet.PlaceImage(row, column, Array::From<float>(shape, states.Data<float>() + at * size));
    }
  return sheet.Document();
}

Json Document(const Trajectories& paths) {
  const Path& deep = paths.deep;
  const auto states = EvenChoice(static_cast<std::size_t>(deep.States()), kMostStates);
  const Shape shape = ImageShapeOf(deep);
  const double bytes = TileSize(shape, kLongestSide).area() * (shape[0] == 3 ? 3.0 : 1.0) *
                       static_cast<double>(states.size()) * (paths.HasLinear() ? 4 : 2);
  const std::vector<Eigen::Index> samples = Chosen(
      deep, std::clamp<std::size_t>(static_cast<std::size_t>(kMostBytes / bytes), 1, kMostSamples));
  Json document = {{"states", states}, {"samples", Json::array()}, {"sigmas", Json::array()}};
  for (const Eigen::Index b : samples)
    document["samples"].push_back({{"number", paths.first + b}, {"whole", deep.Whole(b)}});
  for (const std::size_t t : states) {
    Json sigmas = Json::array();
    for (const Eigen::Index b : samples)
      sigmas.push_back(Drawn(deep.sigmas(static_cast<Eigen::Index>(t), b)));
    document["sigmas"].push_back(std::move(sigmas));
  }
  document["sheets"]["deep_noisy"] = Sheet(deep.noisy, samples, states);
  document["sheets"]["deep_denoised"] = Sheet(deep.denoised, samples, states);
  if (paths.HasLinear()) {
    document["sheets"]["linear_noisy"] = Sheet(paths.linear.noisy, samples, states);
    document["sheets"]["linear_denoised"] = Sheet(paths.linear.denoised, samples, states);
  }
  return document;
}

}  // namespace

Json PagePaths(const fs::path& run, Json& notes) {
  const fs::path unit = FirstUnit(run);
  if (unit.empty()) return nullptr;
  try {
    return Document(TrajectoriesFromNpz(ReadNpz(unit), unit.string()));
  } catch (const std::exception& e) {
    notes.push_back(fmt::format("paths left out: {}", e.what()));
    return nullptr;
  }
}

}  // namespace denoscope
