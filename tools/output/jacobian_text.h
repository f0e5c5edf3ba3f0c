// What denoscope jacobian says: plans, results and spectra, as text or as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "denoscope/studies/jacobian/jacobian_job.h"
#include "tools/arguments/shared_flags.h"

namespace denoscope {

// Of one rank, and what up to `ranks` would make of it.
void PrintPlan(const JacobianPlan& plan,
               const EngineChoice& choice,
               std::int64_t ranks,
               const SharedFlags& flags);

void PrintWritten(const WrittenJacobian& written,
                  const JacobianJob& job,
                  const EngineChoice& choice,
                  std::int64_t d,
                  const SharedFlags& flags);

void PrintLeading(const LeadingPairs& found,
                  const std::string& out,
                  std::int64_t d,
                  const SharedFlags& flags);

void PrintSpectrum(const WrittenSpectrum& written,
                   const SpectrumFiles& files,
                   const SharedFlags& flags);

}  // namespace denoscope
