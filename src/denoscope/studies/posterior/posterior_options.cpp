#include "denoscope/studies/posterior/posterior_options.h"

#include <algorithm>
#include <set>

#include "denoscope/base/error.h"
#include "denoscope/runs/study_data.h"

namespace denoscope {

void PosteriorOptions::Check() const {
  if (images.empty() || sigmas.empty())
    throw Error("posterior: expected at least one image and noise level, found {} and {}",
                images.size(),
                sigmas.size());
  if (std::set<std::int64_t>(images.begin(), images.end()).size() != images.size())
    throw Error("posterior: an image is given twice");
  CheckSigmas("posterior", sigmas);
  if (top < 1) throw Error("posterior: top is {}, expected at least 1 component", top);
  if (coverage_images < 0 || component_images < 0)
    throw Error("posterior: coverage images are {} and {}, expected 0 or more",
                coverage_images,
                component_images);
  if (probes < 2) throw Error("posterior: probes is {}, expected at least 2", probes);
}

PosteriorOptions ResolvePosterior(PosteriorOptions options, const ImageSet& images) {
  options.Check();
  std::sort(options.sigmas.begin(), options.sigmas.end());
  options.coverage_images = std::min(options.coverage_images, images.Count());
  return options;
}

}  // namespace denoscope
