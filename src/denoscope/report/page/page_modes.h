// What a page draws of PCA modes: their pictures, and their curves over noise levels.
#pragma once

#include "denoscope/files/json.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// "pictures": u_k of the training images as tiles, "count" of them, `columns` a row. With levels of
// emergence: "sigmas" and "curves", by denoiser ("deep", "linear", nulls) "resolved" and "gain", a
// list a noise level, null where not computed. Null where the run has neither.
Json PageModes(const RunFolder& run, Json& notes);

}  // namespace denoscope
