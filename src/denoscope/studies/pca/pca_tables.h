// The tables of a PCA study, from its units and reference. Columns: docs/formats.md.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "denoscope/studies/pca/pca_units.h"

namespace denoscope {

// All bases of one n, of images and of Gaussian samples.
struct BasesOfN {
  std::int64_t n = 0;
  NoisyBases images, gaussian;
};

// cos^2 of mode k by theory, from the whole spectrum; n samples, centred.
struct ModeTheory {
  double spiked = 0, anisotropic = 0, mixed = 0;
};
ModeTheory AlignmentTheory(const Eigen::VectorXd& lambda,
                           std::int64_t n,
                           Eigen::Index k,
                           double sigma);

// File name and content. Throws naming a unit that is missing.
std::vector<std::pair<std::string, Table>> PcaTables(const RunFolder& run,
                                                     const PcaStudyOptions& options,
                                                     const PcaReference& reference);

// Rows of one n or of none; Add.. below those of `table`.
Table SpectrumTable(const PcaReference& reference);
Table PowerLawTable(const PcaReference& reference, std::uint64_t seed);
Table WienerTable(const PcaReference& reference);
Table GainsTable(const PcaReference& reference);
// A fine grid of sigma for the modes 0, 1, 2, 4, 8, ..
Table TheoryTable(const PcaStudyOptions& options, const PcaReference& reference);
void AddAlignment(const BasesOfN& bases, const PcaReference& reference, Table& table);
void AddSubspaces(const BasesOfN& bases, const PcaReference& reference, Table& table);
void AddAboveEdge(const BasesOfN& bases, const PcaReference& reference, Table& table);
// pca_aligning_tables.cpp
void AddAligning(const BasesOfN& bases, const PcaReference& reference, Table& table);
void AddStatistics(const BasesOfN& bases,
                   const PcaReference& reference,
                   std::uint64_t seed,
                   Table& table);
// Over all modes and noise levels where the spiked form sees the mode, from alignment.csv.
Table TheoriesTable(const Table& alignment);

}  // namespace denoscope
