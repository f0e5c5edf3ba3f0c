// The cells that several runs have in common: the same noisy image, through one denoiser a run.
#pragma once

#include <vector>

#include "denoscope/results/compared_runs.h"

namespace denoscope {

struct SharedCells {
  // A row a run and shared cell: run (from 0), label, image, sigma, draw, and every scalar.
  Table rows;
  // Of the first image that has shared cells, at up to 6 noise levels S: "image" (its number),
  // "sigma" (S), "clean" (C,H,W), "noisy" (S,C,H,W), "denoised" (R,S,C,H,W) and "eigenvalues"
  // (R,S,d), a run R. Empty without a shared cell.
  Npz pictures;
};

// Cells of one name are shared where every run has it with equal pixels in the noisy image. Throws,
// naming the run, on cells that cannot be read.
SharedCells FindSharedCells(const std::vector<ComparedRun>& runs);

}  // namespace denoscope
