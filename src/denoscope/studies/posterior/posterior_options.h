// What a posterior study is asked for (posterior_study.h).
#pragma once

#include <cstdint>
#include <vector>

#include "denoscope/data/image_set.h"

namespace denoscope {

// Values of an image for which d products are no matter: all of J is computed, and a search for
// components goes on to 4 d columns.
constexpr std::int64_t kSmallImage = 1536;

struct PosteriorOptions {
  std::vector<std::int64_t> images = {0, 1, 2, 3};  // of the set given, >= 0, distinct
  std::vector<double> sigmas = {0.1, 0.3, 1};       // > 0, distinct
  std::int64_t top = 6;                             // K, components, >= 1; at most d of them
  std::int64_t coverage_images = 200;   // the first of the set, >= 0; 0: none; fewer: all of them
  std::int64_t component_images = 100;  // of these, those whose own components are tested, >= 0
  std::int64_t probes = 128;            // random vectors for the diagonal of a large J, >= 2
  std::int64_t exact_up_to = kSmallImage;  // d up to which all of J is computed for its diagonal
  std::uint64_t seed = 0;

  void Check() const;
};

template <typename Visit>
void EachOption(PosteriorOptions& o, const Visit& visit) {
  auto& [images, sigmas, top, coverage_images, component_images, probes, exact_up_to, seed] = o;
  visit("images", images);
  visit("sigmas", sigmas);
  visit("top", top);
  visit("coverage_images", coverage_images);
  visit("component_images", component_images);
  visit("probes", probes);
  visit("exact_up_to", exact_up_to);
  visit("seed", seed);
}

// Checked, with sigmas sorted and the number of images that there are.
PosteriorOptions ResolvePosterior(PosteriorOptions options, const ImageSet& images);

}  // namespace denoscope
