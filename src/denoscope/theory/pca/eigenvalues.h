// What is asked of a list of eigenvalues lambda, and how many of them mean something.
#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace denoscope {

// Throws, naming the first, when a value is negative or not finite, or none is above 0.
void CheckSpectrum(const Eigen::VectorXd& lambda);

// The same, and descending.
void CheckDescending(const Eigen::VectorXd& lambda);

// Those at or below this share of the leading variance are null: their ratios mean nothing.
constexpr double kNullVariance = 1e-6;

// How many of the `wanted` leading modes are not null.
Eigen::Index UsefulModes(const Eigen::VectorXd& lambda, std::int64_t wanted);

}  // namespace denoscope
