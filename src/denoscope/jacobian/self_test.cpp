#include "denoscope/jacobian/self_test.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"

namespace denoscope {
namespace {

using torch::Tensor;
using Outcome = SelfTestCheck::Outcome;

// Relative to the largest entry. Sums of a network's float64 products, in another order:
constexpr double kRounding64 = 1e-8;
// differences: h^2 of the third derivative, and 1e-16 / h of rounding;
constexpr double kDifferences = 1e-5;
// float32 products, summed over the image.
constexpr double kRounding32 = 1e-4;
// SURE: standard errors. A right derivative lies outside once in 16,000 times.
constexpr double kStandardErrors = 4;

Tensor Normal(const Tensor& like, RandomStream& random) {
  Tensor z = at::empty(like.sizes(), at::kDouble);
  double* data = z.data_ptr<double>();
  for (std::int64_t i = 0; i < z.numel(); ++i) data[i] = random.Normal();
  return z;
}

// Computes in float64 for as long as this lives.
class InFloat64 {
 public:
  explicit InFloat64(Denoiser& denoiser) : denoiser_(denoiser) {
    denoiser_.SetType(torch::kFloat64);
  }
  ~InFloat64() { denoiser_.SetType(torch::kFloat32); }
  InFloat64(const InFloat64&) = delete;
  InFloat64& operator=(const InFloat64&) = delete;

 private:
  Denoiser& denoiser_;
};

void Judge(SelfTestCheck& check, double error, double tolerance) {
  check.error = error;
  check.tolerance = tolerance;
  check.outcome = error <= tolerance ? Outcome::kPassed : Outcome::kFailed;
}

// Entry by entry, relative to the largest of `first`.
SelfTestCheck Compare(std::string name,
                      std::string method,
                      const Tensor& first,
                      const Tensor& second,
                      double tolerance,
                      std::int64_t worst) {
  SelfTestCheck check{std::move(name), std::move(method)};
  const Tensor difference = (first - second).abs();
  const double scale = std::max(first.abs().max().item<double>(), 1e-300);
  Judge(check, difference.max().item<double>() / scale, tolerance);
  const std::int64_t d = first.size(1);
  const auto [values, where] = difference.flatten().topk(std::min(worst, difference.numel()));
  for (std::int64_t i = 0; i < where.numel(); ++i) {
    const auto index = where[i].item<std::int64_t>();
    const std::int64_t row = index / d, column = index % d;
    check.worst.push_back(
        {row, column, first[row][column].item<double>(), second[row][column].item<double>()});
  }
  return check;
}

// One column by central differences.
Tensor DifferenceColumn(
    const Denoiser& denoiser, const Tensor& y, double sigma, std::int64_t column, double step) {
  const at::NoGradGuard no_gradient;
  Tensor both = y.unsqueeze(0).repeat({2, 1, 1, 1}).contiguous();
  both[0].view(-1)[column] += step;
  both[1].view(-1)[column] -= step;
  const Tensor D = denoiser.Denoise(both, sigma);
  return (D[0] - D[1]).flatten() / (2 * step);
}

SelfTestCheck AgainstDifferences(const Denoiser& denoiser,
                                 const Tensor& y,
                                 double sigma,
                                 const Tensor& J,
                                 const SelfTestOptions& options) {
  const Tensor differences = DifferenceJacobian(denoiser, y, sigma, options.step);
  const double allowed = kDifferences * J.abs().max().item<double>();
  const Tensor suspects = ((J - differences).abs().amax(0) > allowed).nonzero().flatten();
  for (std::int64_t i = 0; i < suspects.numel(); ++i) {
    const auto column = suspects[i].item<std::int64_t>();
    const Tensor again = DifferenceColumn(denoiser, y, sigma, column, options.step / 100);
    const Tensor old = differences.select(1, column), exact = J.select(1, column);
    old.copy_(at::where((again - exact).abs() < (old - exact).abs(), again, old));
  }
  SelfTestCheck check =
      Compare("engine - differences",
              fmt::format("rows of the engine, central differences h = {:g}", options.step),
              J,
              differences,
              kDifferences,
              options.worst);
  if (suspects.numel() > 0)
    check.note = fmt::format(
        "{} of {} columns taken again with h / 100, for kinks near y", suspects.numel(), J.size(1));
  return check;
}

SelfTestCheck AgainstAutograd(const Denoiser& denoiser,
                              const Tensor& y,
                              double sigma,
                              const JacobianAt& at,
                              const SelfTestOptions& options) {
  const std::string name = "engine - backward", method = "rows of the engine, rows by autograd";
  if (at.gflop > 0) {
    const JacobianAt twin = DenseJacobian(denoiser, y, sigma, {0, DenseEngine::kAutograd});
    return Compare(name, method, at.J, twin.J, kRounding64, options.worst);
  }
  SelfTestCheck check{name, method};
  check.note = "autograd is this denoiser's engine";
  return check;
}

SelfTestCheck AgainstDualNumbers(const Denoiser& denoiser,
                                 const Tensor& y,
                                 double sigma,
                                 const Tensor& J,
                                 const SelfTestOptions& options) {
  const std::string name = "engine - forward",
                    method = "rows of the engine, columns by dual numbers";
  try {
    const Tensor forward = ForwardJacobian(denoiser, y, sigma);
    return Compare(name, method, J, forward, kRounding64, options.worst);
  } catch (const Error& e) {
    SelfTestCheck check{name, method};
    check.note = e.what();
    return check;
  }
}

// In float32, through the operator that matrix-free methods use.
SelfTestCheck Adjoint(const Denoiser& denoiser,
                      const Tensor& y,
                      double sigma,
                      const SelfTestOptions& options) {
  SelfTestCheck check{"adjoint", "<u, J v> and <J^T u, v> of random u, v, over |u| |J v|"};
  const auto J = MakeJacobianOperator(denoiser, y.to(at::kFloat), sigma);
  RandomStream random(options.seed, "self test/adjoint");
  constexpr Eigen::Index kPairs = 8;
  Eigen::MatrixXf U(J->Rows(), kPairs), V(J->Cols(), kPairs);
  for (Eigen::MatrixXf* block : {&U, &V})
    for (Eigen::Index i = 0; i < block->size(); ++i)
      block->data()[i] = static_cast<float>(random.Normal());
  try {
    const Eigen::MatrixXd JV = J->Apply(V).cast<double>(), JU = J->ApplyTranspose(U).cast<double>();
    const Eigen::MatrixXd u = U.cast<double>(), v = V.cast<double>();
    // A product that is not a number is no agreement.
    const Eigen::ArrayXd defect =
        (u.cwiseProduct(JV) - JU.cwiseProduct(v)).colwise().sum().transpose().array().abs() /
        (u.colwise().norm().cwiseProduct(JV.colwise().norm())).transpose().array().max(1e-300);
    Judge(check, defect.maxCoeff<Eigen::PropagateNaN>(), kRounding32);
  } catch (const Error& e) {
    check.note = e.what();
  }
  return check;
}

SelfTestCheck Homogeneity(const Denoiser& denoiser, const Tensor& y, const JacobianAt& at) {
  SelfTestCheck check{"homogeneity", "|J y - D| / |D|"};
  const Tensor product = at.J.matmul(y.flatten());
  const double defect =
      ((product - at.denoised.flatten()).norm() / at.denoised.norm()).item<double>();
  if (denoiser.Traits().homogeneous) {
    Judge(check, defect, kRounding64);
  } else {
    check.error = defect;
    check.note = "the denoiser is not homogeneous by construction";
  }
  return check;
}

// z^T D of one pair of noise against sigma tr J, in float32.
double SteinDefect(const Denoiser& denoiser, const Tensor& x, double sigma, RandomStream& random) {
  constexpr Eigen::Index kSigns = 8;
  const Tensor z = Normal(x, random);
  double defect = 0;
  for (const double sign : {1.0, -1.0}) {
    const Tensor y = (x + sign * sigma * z).to(at::kFloat);
    const auto J = MakeJacobianOperator(denoiser, y, sigma);
    Eigen::MatrixXf W(J->Rows(), kSigns);
    for (Eigen::Index i = 0; i < W.size(); ++i) W.data()[i] = random.Uniform() < 0.5 ? -1 : 1;
    const double trace =
        J->ApplyTranspose(W).cwiseProduct(W).cast<double>().sum() / static_cast<double>(kSigns);
    const at::NoGradGuard no_gradient;
    const Tensor D = denoiser.Denoise(y.unsqueeze(0), sigma)[0].to(at::kDouble);
    defect += (sign * (z * D).sum().item<double>() - sigma * trace) / 2;
  }
  return defect;
}

SelfTestCheck Sure(const Denoiser& denoiser,
                   const Tensor& x,
                   double sigma,
                   const SelfTestOptions& options) {
  SelfTestCheck check{"SURE",
                      "mean of z^T D - sigma tr J over noise z, in standard errors of that mean"};
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < options.draws; ++i) {
    RandomStream random(options.seed, "self test/sure", static_cast<std::uint64_t>(i));
    const double defect = SteinDefect(denoiser, x, sigma, random);
    sum += defect;
    squares += defect * defect;
  }
  const auto n = static_cast<double>(options.draws);
  const double mean = sum / n, error = std::sqrt((squares / n - mean * mean) / (n - 1));
  Judge(check, std::abs(mean) / std::max(error, 1e-300), kStandardErrors);
  check.note = fmt::format("{:.4g} +- {:.2g} over {} pairs", mean, error, options.draws);
  return check;
}

}  // namespace

void SelfTestOptions::Check() const {
  if (draws < 8 || worst < 0 || !(step > 0))
    throw Error("self test: expected draws >= 8, worst >= 0 and step > 0, found {}, {} and {}",
                draws,
                worst,
                step);
}

bool SelfTest::Passed() const {
  return std::none_of(checks.begin(), checks.end(), [](const SelfTestCheck& check) {
    return check.outcome == Outcome::kFailed;
  });
}

SelfTest TestJacobian(Denoiser& denoiser,
                      const Tensor& image,
                      double sigma,
                      const SelfTestOptions& options) {
  options.Check();
  const Tensor x = image.to(at::kDouble);
  RandomStream random(options.seed, "self test/noise");
  const Tensor y = x + sigma * Normal(x, random);
  SelfTest test{sigma, {}};
  {
    const InFloat64 precise(denoiser);
    const JacobianAt at = DenseJacobian(denoiser, y, sigma);
    test.checks.push_back(AgainstAutograd(denoiser, y, sigma, at, options));
    test.checks.push_back(AgainstDualNumbers(denoiser, y, sigma, at.J, options));
    test.checks.push_back(AgainstDifferences(denoiser, y, sigma, at.J, options));
    test.checks.push_back(Homogeneity(denoiser, y, at));
  }
  test.checks.push_back(Adjoint(denoiser, y, sigma, options));
  test.checks.push_back(Sure(denoiser, x, sigma, options));
  return test;
}

}  // namespace denoscope
