#include "denoscope/results/trajectory_record.h"

#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

using Eigen::Index;

Index SizeOf(const Shape& shape) { return shape[2] * shape[3] * shape[4]; }

void Write(const Path& path, const std::string& prefix, Npz& npz) {
  npz[prefix + "sigmas"] = Rows(path.sigmas);
  npz[prefix + "noisy"] = path.noisy;
  npz[prefix + "denoised"] = path.denoised;
  npz[prefix + "diverged"] = Doubles(path.diverged);
  npz[prefix + "finished"] = Doubles(path.finished);
}

Path Read(const NpzReader& reader, const std::string& prefix, const std::string& source) {
  Path path = {reader.Matrix(prefix + "sigmas"),
               reader.Get(prefix + "noisy"),
               reader.Get(prefix + "denoised"),
               reader.Vector(prefix + "diverged"),
               reader.Vector(prefix + "finished")};
  const Index T = path.States(), B = path.Samples();
  for (const Array* states : {&path.noisy, &path.denoised})
    if (states->type != ElementType::kFloat32 || states->shape.size() != 5 ||
        states->shape[0] != T || states->shape[1] != B)
      throw Error("record '{}': states are {} {}, expected float32 [{},{},C,H,W]",
                  source,
                  ElementName(states->type),
                  ShapeText(states->shape),
                  T,
                  B);
  if (path.diverged.size() != B || path.finished.size() != B ||
      path.noisy.shape != path.denoised.shape)
    throw Error("record '{}': its arrays are not of the same samples", source);
  return path;
}

// Side by side along the second dimension.
Array Joined(const std::vector<const Array*>& parts) {
  Array whole = {parts[0]->type, parts[0]->shape, {}};
  whole.shape[1] = 0;
  for (const Array* part : parts) whole.shape[1] += part->shape[1];
  for (Index t = 0; t < whole.shape[0]; ++t)
    for (const Array* part : parts) {
      const auto length = static_cast<std::ptrdiff_t>(part->bytes.size()) / whole.shape[0];
      const auto begin = part->bytes.begin() + t * length;
      whole.bytes.insert(whole.bytes.end(), begin, begin + length);
    }
  return whole;
}

template <typename Matrix, typename Value>
Matrix Columns(const std::vector<Trajectories>& parts, const Value& value) {
  Matrix whole(value(parts[0]).rows(), 0);
  for (const Trajectories& part : parts) {
    const Matrix& more = value(part);
    whole.conservativeResize(Eigen::NoChange, whole.cols() + more.cols());
    whole.rightCols(more.cols()) = more;
  }
  return whole;
}

template <typename Value>
Eigen::VectorXd Entries(const std::vector<Trajectories>& parts, const Value& value) {
  return Columns<Eigen::MatrixXd>(
             parts,
             [&](const Trajectories& part) { return Eigen::MatrixXd(value(part).transpose()); })
      .transpose();
}

Path MergedPath(const std::vector<Trajectories>& parts, Path Trajectories::*which) {
  std::vector<const Array*> noisy, denoised;
  for (const Trajectories& part : parts) {
    noisy.push_back(&(part.*which).noisy);
    denoised.push_back(&(part.*which).denoised);
  }
  return {Columns<Eigen::MatrixXd>(parts, [&](const auto& p) { return (p.*which).sigmas; }),
          Joined(noisy),
          Joined(denoised),
          Entries(parts, [&](const auto& p) { return (p.*which).diverged; }),
          Entries(parts, [&](const auto& p) { return (p.*which).finished; })};
}

}  // namespace

std::vector<Index> Path::WholeSamples() const {
  std::vector<Index> whole;
  for (Index b = 0; b < Samples(); ++b)
    if (Whole(b)) whole.push_back(b);
  return whole;
}

Eigen::MatrixXd StateOf(const Array& states, Index t) {
  const Index B = states.shape[1], d = SizeOf(states.shape);
  const float* const begin = states.Data<float>() + t * B * d;
  return Eigen::Map<const Eigen::MatrixXf>(begin, d, B).cast<double>();
}

Eigen::VectorXd LastStep(const Path& path, Index sample) {
  constexpr double kMoves = 1e-3;  // of |x|; estimates are float32
  for (Index t = path.States() - 1;; --t) {
    const Eigen::VectorXd x = StateOf(path.noisy, t).col(sample);
    const Eigen::VectorXd step = StateOf(path.denoised, t).col(sample) - x;
    if (t == 0 || !(step.norm() < kMoves * x.norm())) return step;
  }
}

Shape ImageShapeOf(const Path& path) {
  return {path.noisy.shape.begin() + 2, path.noisy.shape.end()};
}

Npz ToNpz(const Trajectories& trajectories) {
  Npz npz = {{"first", Integer(trajectories.first)}};
  Write(trajectories.deep, "", npz);
  if (trajectories.HasLinear()) Write(trajectories.linear, "linear_", npz);
  if (trajectories.fixed.eigenvalue.size() > 0) {
    npz["fixed_eigenvalue"] = Doubles(trajectories.fixed.eigenvalue);
    npz["fixed_residual"] = Doubles(trajectories.fixed.residual);
    npz["fixed_eigenvector"] = Rows(trajectories.fixed.eigenvector.transpose());
    npz["fixed_step_image"] = Rows(trajectories.fixed.step_image.transpose());
  }
  return npz;
}

Trajectories TrajectoriesFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader reader(npz, source);
  Trajectories trajectories;
  trajectories.first = reader.Whole("first");
  trajectories.deep = Read(reader, "", source);
  if (reader.Has("linear_sigmas")) trajectories.linear = Read(reader, "linear_", source);
  trajectories.fixed = {reader.VectorIf("fixed_eigenvalue"),
                        reader.VectorIf("fixed_residual"),
                        reader.MatrixIf("fixed_eigenvector").transpose().cast<float>(),
                        reader.MatrixIf("fixed_step_image").transpose().cast<float>()};
  return trajectories;
}

Trajectories Merged(const std::vector<Trajectories>& parts) {
  if (parts.empty()) throw Error("trajectories: there are none");
  for (const Trajectories& part : parts)
    if (part.deep.States() != parts[0].deep.States() || part.HasLinear() != parts[0].HasLinear() ||
        ImageShapeOf(part.deep) != ImageShapeOf(parts[0].deep))
      throw Error("trajectories: samples from {} on have {} states of {}, expected {} of {}",
                  part.first,
                  part.deep.States(),
                  ShapeText(ImageShapeOf(part.deep)),
                  parts[0].deep.States(),
                  ShapeText(ImageShapeOf(parts[0].deep)));
  Trajectories whole;
  whole.first = parts.front().first;
  whole.deep = MergedPath(parts, &Trajectories::deep);
  if (parts.front().HasLinear()) whole.linear = MergedPath(parts, &Trajectories::linear);
  if (parts.front().fixed.eigenvalue.size() > 0)
    whole.fixed = {
        Entries(parts, [](const auto& p) { return p.fixed.eigenvalue; }),
        Entries(parts, [](const auto& p) { return p.fixed.residual; }),
        Columns<Eigen::MatrixXf>(parts, [](const auto& p) { return p.fixed.eigenvector; }),
        Columns<Eigen::MatrixXf>(parts, [](const auto& p) { return p.fixed.step_image; })};
  return whole;
}

}  // namespace denoscope
