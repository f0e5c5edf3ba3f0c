#include "denoscope/report/page/page_modes.h"

#include <algorithm>
#include <cmath>

#include "denoscope/report/page/page_pictures.h"

namespace denoscope {
namespace {

constexpr Eigen::Index kMostModes = 400;
constexpr double kMostBytes = 350'000;  // of the pictures, before they are packed

// The side at which so many pictures fit.
int LongestSide(const Shape& shape, Eigen::Index count) {
  const double side = static_cast<double>(std::max(shape[1], shape[2]));
  const double bytes = static_cast<double>(ElementCount(shape)) * static_cast<double>(count);
  constexpr double kLeast = 12, kMost = 64;
  return static_cast<int>(
      std::clamp(side * std::min(1.0, std::sqrt(kMostBytes / bytes)), kLeast, kMost));
}

Json Pictures(const Reference& reference) {
  constexpr std::size_t kColumns = 20;
  const Eigen::Index count = std::min(reference.basis.cols(), kMostModes);
  TileSheet sheet(reference.image_shape,
                  LongestSide(reference.image_shape, count),
                  (static_cast<std::size_t>(count) + kColumns - 1) / kColumns,
                  kColumns);
  for (Eigen::Index k = 0; k < count; ++k)
    sheet.PlaceVector(static_cast<std::size_t>(k) / kColumns,
                      static_cast<std::size_t>(k) % kColumns,
                      reference.basis.col(k));
  Json document = sheet.Document();
  document["count"] = count;
  document["channels"] = reference.image_shape[0];
  return document;
}

Json Curves(const Eigen::MatrixXd& values) {  // (S,m)
  if (values.size() == 0) return nullptr;
  Json lists = Json::array();
  for (Eigen::Index s = 0; s < values.rows(); ++s)
    lists.push_back(DrawnList(values.row(s).transpose()));
  return lists;
}

void AddEmergence(Json& document, const Emergence& e) {
  document["sigmas"] = std::vector<double>(e.sigmas.begin(), e.sigmas.end());
  document["curves"]["deep"] = {{"resolved", Curves(e.resolved)}, {"gain", Curves(e.gain)}};
  document["curves"]["linear"] = {{"resolved", Curves(e.linear_resolved)},
                                  {"gain", Curves(e.linear_gain)}};
  document["nulls"] = Json::array();
  for (const NullCurves& null : e.nulls) {
    document["nulls"].push_back(null.name);
    document["curves"][null.name] = {{"resolved", Curves(null.resolved)},
                                     {"gain", Curves(null.gain)}};
  }
}

}  // namespace

Json PageModes(const RunFolder& run, Json& notes) {
  Json document;
  const auto attempt = [&](const char* what, const auto& add) {
    try {
      add();
    } catch (const std::exception& e) {
      notes.push_back(fmt::format("{} left out: {}", what, e.what()));
    }
  };
  if (std::filesystem::exists(run.Path() / "reference.npz"))
    attempt("pictures of modes", [&] {
      const Reference reference = run.ReadReference();
      if (reference.basis.cols() > 0) document["pictures"] = Pictures(reference);
    });
  attempt("curves of modes", [&] {
    if (const auto emergence = run.ReadEmergence()) AddEmergence(document, *emergence);
  });
  return document;
}

}  // namespace denoscope
