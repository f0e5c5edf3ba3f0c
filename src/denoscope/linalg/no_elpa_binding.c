#include <stddef.h>

#include "denoscope/linalg/elpa_binding.h"

static const char kAbsent[] = "the program is built without ELPA";

int ElpaFound(void) { return 0; }

const char* ElpaSolve(const struct ElpaProblem* problem) {
  (void)problem;
  return kAbsent;
}

const char* ElpaSolveTridiagonal(const struct ElpaProblem* problem, double* off_diagonal) {
  (void)problem, (void)off_diagonal;
  return kAbsent;
}

const char* ReduceToTridiagonal(const struct FloatProblem* problem) {
  (void)problem;
  return kAbsent;
}

const char* TransformBack(const struct FloatProblem* problem) {
  (void)problem;
  return kAbsent;
}
