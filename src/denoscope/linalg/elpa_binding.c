#include "denoscope/linalg/elpa_binding.h"

#include <elpa/elpa.h>
#include <stddef.h>

int ElpaFound(void) { return 1; }

static int Set(elpa_t handle, const char* name, int value) {
  int error = ELPA_OK;
  elpa_set_integer(handle, name, value, &error);
  return error;
}

static int SetUp(elpa_t handle, const struct ElpaProblem* p) {
  int error = Set(handle, "na", p->size);
  if (error == ELPA_OK) error = Set(handle, "nev", p->size);
  if (error == ELPA_OK) error = Set(handle, "local_nrows", p->local_rows);
  if (error == ELPA_OK) error = Set(handle, "local_ncols", p->local_cols);
  if (error == ELPA_OK) error = Set(handle, "nblk", p->block);
  if (error == ELPA_OK) error = Set(handle, "mpi_comm_parent", p->communicator);
  if (error == ELPA_OK) error = Set(handle, "process_row", p->grid_row);
  if (error == ELPA_OK) error = Set(handle, "process_col", p->grid_col);
  if (error == ELPA_OK) error = elpa_setup(handle);
  if (error == ELPA_OK)
    error = Set(handle, "solver", p->stages == 1 ? ELPA_SOLVER_1STAGE : ELPA_SOLVER_2STAGE);
  return error;
}

const char* ElpaSolve(const struct ElpaProblem* p) {
  static const int kVersion = 20211125; /* of the interface, the oldest with what is called here */
  int error = elpa_init(kVersion), ignored = ELPA_OK;
  if (error != ELPA_OK) return "the library is older than 2021.11";
  elpa_t handle = elpa_allocate(&error);
  if (error != ELPA_OK) return elpa_strerr(error);
  error = SetUp(handle, p);
  if (error == ELPA_OK && p->vectors != NULL)
    elpa_eigenvectors_a_h_a_d(handle, p->matrix, p->values, p->vectors, &error);
  else if (error == ELPA_OK)
    elpa_eigenvalues_a_h_a_d(handle, p->matrix, p->values, &error);
  elpa_deallocate(handle, &ignored);
  return error == ELPA_OK ? NULL : elpa_strerr(error);
}
