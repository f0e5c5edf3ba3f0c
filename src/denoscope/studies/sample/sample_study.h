// Reverse diffusion with a denoiser, in a run folder that resumes: paths from noise to images, what
// emerges along them, and, where asked for, the Jacobian at states x_t of the paths, analysed as
// cells of a sweep are. With a training set the Wiener denoiser goes the same way from the same
// starts with the same noise.
//
// Starts are N(m, Sigma + s_0^2 I), what noisy data of Gaussian images are (kMatched), or N(0,
// s_0^2 I) (kNoise), which is the same only where s_0^2 far exceeds lambda_0 + |m|^2/d: said, where
// not. Each sample has streams of its own: it is the same in whatever company it is drawn.
#pragma once

#include <string>

#include "denoscope/results/run_folder.h"
#include "denoscope/studies/sample/sample_options.h"

namespace denoscope {

// Why starts of noise alone are not what the denoiser expects; empty where they are.
std::string StartNote(const SampleOptions& options, const AnalysisInput& input);

// `nulls` of the input are not used. Throws Interrupted, with finished units kept, when cancelled.
RunFolder RunSampleStudy(const AnalysisInput& input,
                         const SampleOptions& options,
                         const RunTarget& target);

}  // namespace denoscope
