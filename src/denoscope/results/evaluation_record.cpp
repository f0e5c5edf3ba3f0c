#include "denoscope/results/evaluation_record.h"

#include "denoscope/results/npz_members.h"

namespace denoscope {
namespace {

template <typename Value>
struct Field {
  const char* name;
  Value Evaluation::*member;
  bool later = false;  // the first runs did not have it
};
constexpr Field<double> kNumbers[] = {{"sigma", &Evaluation::sigma},
                                      {"mse", &Evaluation::mse},
                                      {"mse_error", &Evaluation::mse_error},
                                      {"linear_mse", &Evaluation::linear_mse},
                                      {"linear_mse_error", &Evaluation::linear_mse_error},
                                      {"ratio_error", &Evaluation::ratio_error},
                                      {"linear_explained", &Evaluation::linear_explained, true},
                                      {"calibration", &Evaluation::calibration, true},
                                      {"calibration_error", &Evaluation::calibration_error, true},
                                      {"distance", &Evaluation::distance, true},
                                      {"distance_error", &Evaluation::distance_error, true}};
constexpr Field<Eigen::VectorXd> kVectors[] = {
    {"resolved", &Evaluation::resolved},
    {"linear_resolved", &Evaluation::linear_resolved},
    {"mode_error", &Evaluation::mode_error},
    {"linear_mode_error", &Evaluation::linear_mode_error},
    {"band_resolved", &Evaluation::band_resolved},
    {"linear_band_resolved", &Evaluation::linear_band_resolved},
    {"band_variance", &Evaluation::band_variance},
    {"gain", &Evaluation::gain},
    {"gain_error", &Evaluation::gain_error},
    {"mode_calibration_error", &Evaluation::mode_calibration_error}};
constexpr Field<Eigen::MatrixXf> kMatrices[] = {
    {"replicates", &Evaluation::replicates},
    {"linear_replicates", &Evaluation::linear_replicates},
    {"band_replicates", &Evaluation::band_replicates},
    {"linear_band_replicates", &Evaluation::linear_band_replicates},
    {"gain_replicates", &Evaluation::gain_replicates}};

}  // namespace

Npz ToNpz(const Evaluation& e) {
  Npz npz = {{"sigma_index", Integer(e.sigma_index)}, {"images", Integer(e.images)}};
  for (const auto& field : kNumbers) npz[field.name] = Scalar(e.*field.member);
  for (const auto& field : kVectors)
    if ((e.*field.member).size() > 0) npz[field.name] = Doubles(e.*field.member);
  for (const auto& field : kMatrices)
    if ((e.*field.member).size() > 0) npz[field.name] = Rows(e.*field.member);
  return npz;
}

Evaluation EvaluationFromNpz(const Npz& npz, const std::string& source) {
  const NpzReader reader(npz, source);
  Evaluation e;
  e.sigma_index = reader.Whole("sigma_index");
  e.images = reader.Whole("images");
  for (const auto& field : kNumbers)
    e.*field.member = field.later ? reader.NumberIf(field.name) : reader.Number(field.name);
  for (const auto& field : kVectors) e.*field.member = reader.VectorIf(field.name);
  for (const auto& field : kMatrices) e.*field.member = reader.MatrixIf(field.name).cast<float>();
  return e;
}

}  // namespace denoscope
