/* The calls of ELPA and ScaLAPACK that there are, in C, for elpa.h does not parse as C++:
   elpa_binding.c where the program is built with them, else no_elpa_binding.c. For
   elpa_spectrum.cpp alone. Every rank calls; where all goes well the answer is NULL, else what went
   wrong. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct ElpaProblem {
  int communicator; /* of Fortran */
  int size, block, grid_row, grid_col, local_rows, local_cols;
  int stages;                        /* 1 or 2 to tridiagonal form */
  double *matrix, *values, *vectors; /* the matrix is overwritten; no vectors: values alone */
};

struct FloatProblem {
  int size, block, grid_rows, grid_cols, local_rows, local_cols;
  float *matrix, *reflector_scales; /* (local_cols); what the reduction leaves for the way back */
  float *diagonal, *off_diagonal;   /* (local_cols), the same down the grid, behind each other's */
  float* vectors;                   /* of the tridiagonal matrix, then of the whole one */
};

int ElpaFound(void);
const char* ElpaSolve(const struct ElpaProblem* problem);
/* values: in the diagonal, out the eigenvalues, ascending; off_diagonal is overwritten. */
const char* ElpaSolveTridiagonal(const struct ElpaProblem* problem, double* off_diagonal);
const char* ReduceToTridiagonal(const struct FloatProblem* problem);
const char* TransformBack(const struct FloatProblem* problem);

#ifdef __cplusplus
}
#endif
