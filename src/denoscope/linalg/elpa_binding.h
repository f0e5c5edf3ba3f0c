/* The calls of ELPA that there are, in C, for elpa.h does not parse as C++: elpa_binding.c where
   the program is built with ELPA, else no_elpa_binding.c. For elpa_spectrum.cpp alone. */
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

int ElpaFound(void);
/* Every rank calls. NULL where all went well, else what went wrong. */
const char* ElpaSolve(const struct ElpaProblem* problem);

#ifdef __cplusplus
}
#endif
