// All eigenvalues and eigenvectors of sym(J) = (J + J^T)/2, of a J that lies in a file: by LAPACK
// in one process, by ELPA on the ranks of a job, none of which holds J.
#pragma once

#include <Eigen/Dense>
#include <filesystem>
#include <string>

namespace denoscope {

// NPY files to write: eigenvalues, descending, and (d,d) with eigenvector k in row k; empty: not
// asked for.
struct SpectrumFiles {
  std::string values, vectors;
};

struct WrittenSpectrum {
  Eigen::Index count = 0;
  double largest = 0, least = 0;
  std::string by;      // "LAPACK"
  double seconds = 0;  // without reading the file's head
};
// Every rank calls; what goes wrong on one is thrown on all.
WrittenSpectrum WriteSpectrum(const std::filesystem::path& matrix, const SpectrumFiles& files);
// The same as the whole work of a job, whose ranks agree first on what they are at.
WrittenSpectrum WriteSpectrumOfFile(const std::filesystem::path& matrix,
                                    const SpectrumFiles& files);

}  // namespace denoscope
