#include "denoscope/runs/study_data.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "denoscope/results/run_folder.h"

namespace denoscope {

Json IdentityOf(const ImageSet& images) {
  return {{"name", images.Name()},
          {"split", images.Split()},
          {"images", images.Count()},
          {"sha256", images.Sha256()}};
}

void CheckSigmas(const std::string& job, const std::vector<double>& sigmas) {
  std::set<std::string> names;
  for (const double sigma : sigmas) {
    if (!(sigma > 0) || !std::isfinite(sigma))
      throw Error("{}: sigma is {}, expected a finite number above 0", job, sigma);
    const std::string name = EvaluationName(sigma);
    if (name == EvaluationName(0))
      throw Error("{}: sigma is {}, expected at least 0.000001", job, sigma);
    if (!names.insert(name).second)
      throw Error("{}: two noise levels are the same to 6 decimals, {}", job, sigma);
  }
}

void CheckNotConstant(const std::string& job, const ImageSet& images) {
  constexpr std::int64_t kBlock = 1024;
  const at::Tensor first = images.Range(0, 1);
  for (std::int64_t begin = 0; begin < images.Count(); begin += kBlock)
    if (images.Range(begin, std::min(begin + kBlock, images.Count())).ne(first).any().item<bool>())
      return;
  throw Error("{}: all {} images of '{}' ({}) are the same, expected some that differ",
              job,
              images.Count(),
              images.Name(),
              images.Split());
}

}  // namespace denoscope
