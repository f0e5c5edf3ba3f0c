// The cells of a run for its page: pictures, leading eigenvectors, spectra, gains by band.
#pragma once

#include <filesystem>

#include "denoscope/files/json.h"

namespace denoscope {

// Null without cells. Else "sigmas" (ascending, the stops of the slider), "shape", and "series", an
// entry an image and draw:
//   "clean", "strip" (a column a stop, rows noisy, denoised, the same by Wiener, standard deviation
//   by J, by Wiener's), "vectors" (a row a stop, a column a k), "levels": a stop {"sigma", "mu",
//   "frequency", "spectrum" at "spectrum_k", "bands", "largest_deviation" at the bright end of the
//   maps, "scalars" where the run has no summary.csv}, null where it has no such cell.
// "linear": the same of the Wiener denoiser, whose J is one for all images. "band_centre",
// "band_groups"; "lambda" of the training images at "spectrum_k".
// Cells are read one by one, and of many only as many as a page can hold: `notes` says which.
Json PageCells(const std::filesystem::path& run, const Json& manifest, Json& notes);

}  // namespace denoscope
