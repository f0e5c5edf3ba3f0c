#include "denoscope/models/linear_model.h"

#include <algorithm>
#include <charconv>

#include "denoscope/base/error.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/measure/pca_reference.h"
#include "denoscope/theory/optimal/mixture_fit.h"

namespace denoscope {
namespace {

struct LinearName {
  std::string kind;                      // "wiener", "projection", ..
  std::optional<std::int64_t> number;    // R or N
  std::optional<std::int64_t> clusters;  // K
};

std::int64_t NumberOf(const std::string& name, const std::string& text) {
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last || number < 1)
    throw UsageError("'{}': expected an integer >= 1 at the end, found '{}'", name, text);
  return number;
}

LinearName Parse(const std::string& name) {
  const std::string rest = name.substr(name.find(':') + 1);
  std::size_t colon = rest.find(':');
  LinearName parsed = {rest.substr(0, colon), std::nullopt, std::nullopt};
  const std::string& kind = parsed.kind;
  const bool mixture = kind == "mixture";
  if (kind != "wiener" && kind != "projection" && kind != "shrunk" && kind != "empirical" &&
      !mixture)
    throw UsageError("'{}' is unknown, expected {}", name, LinearModelNames());
  if (mixture && colon == std::string::npos)
    throw UsageError("'{}' needs its clusters, as in linear:mixture:10", name);
  if (mixture) {
    const std::size_t first = colon + 1;
    colon = rest.find(':', first);
    parsed.clusters = NumberOf(name, rest.substr(first, colon - first));
  }
  if (colon != std::string::npos) parsed.number = NumberOf(name, rest.substr(colon + 1));
  if (kind == "projection" && !parsed.number)
    throw UsageError("'{}' needs its rank, as in linear:projection:16", name);
  return parsed;
}

// The first N images of the training split, all of them without a number.
ImageSet FirstImages(const std::string& name, const ImageSet& images, const LinearName& parsed) {
  const std::int64_t count = parsed.number.value_or(images.Count());
  const std::int64_t least = parsed.kind == "empirical" ? 1 : 2;
  if (count < least || count > images.Count())
    throw Error("model '{}': expected {} to {} images, the training split of '{}', found {}",
                name,
                least,
                images.Count(),
                images.Name(),
                count);
  return images.Subset(0, count);
}

std::shared_ptr<const Pca> PcaOfFirst(const ImageSet& first, const TrainingReference& reference) {
  if (first.Count() == reference.pca->n) return reference.pca;
  return std::make_shared<const Pca>(PcaOf(first));
}

}  // namespace

std::string LinearModelNames() {
  return "linear:wiener[:N], linear:projection:R (rank R), linear:shrunk[:N], "
         "linear:empirical[:N], linear:mixture:K[:N] (K Gaussians; of the first N images)";
}

OpenedModel OpenLinearModel(const std::string& name, const TrainingReference& reference) {
  const LinearName parsed = Parse(name);
  if (!reference.images) throw Error("model '{}': {}", name, reference.reason);
  const ImageShape shape = reference.shape;
  OpenedModel model;
  std::int64_t n = reference.images->Count();
  if (parsed.kind == "projection") {
    model.denoiser = MakeProjectionDenoiser(reference.pca, shape, *parsed.number);
    model.identity["rank"] = *parsed.number;
  } else {
    const ImageSet first = FirstImages(name, *reference.images, parsed);
    n = first.Count();
    if (parsed.kind == "wiener") {
      model.denoiser = MakeWienerDenoiser(PcaOfFirst(first, reference), shape, name);
    } else if (parsed.kind == "shrunk") {
      model.denoiser = MakeShrunkDenoiser(PcaOfFirst(first, reference), shape);
    } else if (parsed.kind == "empirical") {
      model.denoiser = MakeEmpiricalDenoiser(SourceOf(first), shape);
    } else {
      constexpr std::uint64_t kSeed = 0;  // the same clusters in every run
      model.denoiser =
          MakeMixtureDenoiser(FitMixture(SourceOf(first), *parsed.clusters, kSeed), shape);
      model.identity["clusters"] = *parsed.clusters;
    }
  }
  model.identity["name"] = model.denoiser->Traits().name;
  model.identity["sha256"] = reference.sha256;
  model.identity["n"] = n;
  model.identity["parameters"] = 0;
  return model;
}

std::vector<NullDenoiser> ComparedDenoisers(const Denoiser& model,
                                            const TrainingReference& reference,
                                            std::uint64_t seed) {
  std::vector<NullDenoiser> references = MakeNullDenoisers(model, seed);
  constexpr std::int64_t kRemembered = 10000;  // images, 8 d bytes each
  if (reference.images) {
    const std::int64_t n = std::min(kRemembered, reference.images->Count());
    references.push_back(
        {"empirical",
         MakeEmpiricalDenoiser(SourceOf(reference.images->Subset(0, n)), reference.shape)});
  }
  return references;
}

}  // namespace denoscope
