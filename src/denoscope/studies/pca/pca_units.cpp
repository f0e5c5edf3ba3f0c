#include "denoscope/studies/pca/pca_units.h"

#include <algorithm>

#include "denoscope/base/random.h"
#include "denoscope/image/tensors.h"
#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Each kind and n draws its own noise and Gaussian samples.
std::uint64_t SeedOf(const PcaStudyOptions& options, const PcaUnit& unit) {
  return StreamSeed(options.seed, fmt::format("pca study {} n {}", NameOf(unit.kind), unit.n));
}

std::vector<Index> Ranks(std::int64_t modes) {
  std::vector<Index> ranks;
  for (Index rank = 1; rank < modes; rank *= 2) ranks.push_back(rank);
  ranks.push_back(modes);
  return ranks;
}

}  // namespace

std::string PcaUnit::Name() const {
  return fmt::format("{}_n-{:06}_sig-{:.6f}_draw-{:02}", NameOf(kind), n, sigma, cell.draw);
}

std::string PcaUnit::Note() const {
  return fmt::format("{}, n {}, sigma {:.3g}", NameOf(kind), n, sigma);
}

std::vector<PcaUnit> PcaUnits(const PcaStudyOptions& options, const std::vector<double>& sigmas) {
  std::vector<PcaUnit> units;
  for (const std::int64_t n : options.n)
    for (std::int64_t draw = 0; draw < options.draws; ++draw)
      for (const SampleKind kind : {SampleKind::kImages, SampleKind::kGaussian})
        for (std::size_t s = 0; s < sigmas.size(); ++s)
          units.push_back({kind, n, {static_cast<std::int64_t>(s), draw}, sigmas[s]});
  return units;
}

NoisyBasisOptions BasisOptions(const PcaStudyOptions& options,
                               const std::vector<double>& sigmas,
                               const PcaUnit& unit) {
  return {sigmas, options.draws, Ranks(options.modes), SeedOf(options, unit)};
}

PcaBases::PcaBases(const ImageSet& samples,
                   const PcaReference& reference,
                   const PcaStudyOptions& options)
    : images_(samples),
      options_(options),
      sigmas_(reference.sigmas.begin(), reference.sigmas.end()),
      lambda_(reference.record.lambda),
      basis_(reference.record.basis.cast<double>()),
      axes_(MatrixXd::Identity(basis_.rows(), basis_.cols())),
      order_(RandomStream(options.seed, "pca study images").Permutation(samples.Count())) {}

const Eigen::MatrixXf& PcaBases::Samples(const PcaUnit& unit) {
  const std::string wanted = fmt::format("{} {} {}", NameOf(unit.kind), unit.n, unit.cell.draw);
  if (wanted == drawn_) return samples_;
  if (unit.kind == SampleKind::kGaussian) {
    samples_ = GaussianSamples(lambda_, unit.n, SeedOf(options_, unit))(unit.cell.draw);
  } else {
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0; i < unit.n; ++i)
      chosen.push_back(
          order_[static_cast<std::size_t>((unit.cell.draw * unit.n + i) % images_.Count())]);
    samples_ = ToMatrixF(images_.Images(chosen).flatten(1)).transpose();
  }
  drawn_ = wanted;
  return samples_;
}

NoisyBasis PcaBases::Learn(const PcaUnit& unit) {
  const NoisyBasisOptions options = BasisOptions(options_, sigmas_, unit);
  const MatrixXd& reference = unit.kind == SampleKind::kImages ? basis_ : axes_;
  return LearnNoisyBasis(Samples(unit), reference, options, unit.cell);
}

Npz ToNpz(const NoisyBasis& basis) {
  Npz npz;
  npz["cosines"] = Doubles(basis.cosines);
  npz["partner"] = Array::From<std::int32_t>({basis.partner.size()}, basis.partner.data());
  npz["matched"] = Doubles(basis.matched);
  npz["subspace_share"] = Rows(basis.subspace_share);
  npz["eigenvalues"] = Doubles(basis.eigenvalues);
  npz["above_edge"] = Integer(basis.above_edge);
  return npz;
}

NoisyBasis NoisyBasisFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader file(npz, source);
  NoisyBasis basis;
  basis.cosines = file.Vector("cosines");
  basis.partner = file.Vector("partner").cast<int>();
  basis.matched = file.Vector("matched");
  basis.subspace_share = file.Matrix("subspace_share");
  basis.eigenvalues = file.Vector("eigenvalues");
  basis.above_edge = file.Whole("above_edge");
  return basis;
}

NoisyBases ReadBases(const RunFolder& run,
                     const PcaStudyOptions& options,
                     const std::vector<double>& sigmas,
                     const PcaUnit& of) {
  NoisyBases bases;
  bases.modes = options.modes;
  bases.n = of.n;
  bases.options = BasisOptions(options, sigmas, of);
  bases.bases.resize(sigmas.size());
  for (const PcaUnit& unit : PcaUnits(options, sigmas)) {
    if (unit.kind != of.kind || unit.n != of.n) continue;
    if (!run.HasCell(unit.Name()))
      throw Error("run '{}': unit '{}' is missing", run.Path().string(), unit.Name());
    const std::filesystem::path path = run.CellPath(unit.Name());
    bases.bases[static_cast<std::size_t>(unit.cell.level)].push_back(
        NoisyBasisFromNpz(ReadNpz(path), path.string()));
  }
  return bases;
}

}  // namespace denoscope
