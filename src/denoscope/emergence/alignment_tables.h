// Which directions the leading eigenvectors v_k of sym(J) take at each noise level, against two
// references: the data's PCA modes u_k, and v_k at the smallest noise level of the same image and
// draw, which is the paper's.
#pragma once

#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/results/records.h"

namespace denoscope {

// A row a noise level and k < K; means over cells, X_error their standard error:
//   sin_pca, sin_start         sin of the angle with u_k, with v_k of the start
//   sin_pca_block, ..          with the span of those that share its eigenvalue to 5 %
//   sin_pca_matched, ..        after the best total matching of all K with the K references
//   sin_chance, sin_chance_matched   of K random orthonormal vectors, the same two ways
Table AlignmentTable(const std::vector<Cell>& cells, const Reference& reference);

// A row a noise level and rank r = 1, 2, 4, .. K: mean cos^2 of the principal angles between the
// leading r eigenvectors and the leading r of PCA, of the start, of another draw of the noise on
// the same image, of another image; chance = r/d. NaN where there is nothing to compare with.
Table SubspacesTable(const std::vector<Cell>& cells, const Reference& reference);

}  // namespace denoscope
