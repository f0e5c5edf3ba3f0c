#include "denoscope/linalg/elpa_binding.h"

#include <elpa/elpa.h>
#include <stddef.h>
#include <stdlib.h>

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

enum Task { kWhole, kTridiagonal };

static const char* Solve(const struct ElpaProblem* p, enum Task task, double* off_diagonal) {
  static const int kVersion = 20211125; /* of the interface, the oldest with what is called here */
  int error = elpa_init(kVersion), ignored = ELPA_OK;
  if (error != ELPA_OK) return "the library is older than 2021.11";
  elpa_t handle = elpa_allocate(&error);
  if (error != ELPA_OK) return elpa_strerr(error);
  error = SetUp(handle, p);
  if (error == ELPA_OK && task == kTridiagonal)
    elpa_solve_tridiagonal_d(handle, p->values, off_diagonal, p->vectors, &error);
  else if (error == ELPA_OK && p->vectors != NULL)
    elpa_eigenvectors_a_h_a_d(handle, p->matrix, p->values, p->vectors, &error);
  else if (error == ELPA_OK)
    elpa_eigenvalues_a_h_a_d(handle, p->matrix, p->values, &error);
  elpa_deallocate(handle, &ignored);
  return error == ELPA_OK ? NULL : elpa_strerr(error);
}

const char* ElpaSolve(const struct ElpaProblem* p) { return Solve(p, kWhole, NULL); }

const char* ElpaSolveTridiagonal(const struct ElpaProblem* p, double* off_diagonal) {
  return Solve(p, kTridiagonal, off_diagonal);
}

/* ScaLAPACK, in Fortran, and its grids, in C, come without headers. */
void Cblacs_get(int context, int what, int* value);
void Cblacs_gridinit(int* context, const char* order, int rows, int cols);
void Cblacs_gridexit(int context);
void descinit_(int* descriptor,
               const int* m,
               const int* n,
               const int* mb,
               const int* nb,
               const int* first_row,
               const int* first_col,
               const int* context,
               const int* leading,
               int* info);
void pssytrd_(const char* uplo,
              const int* n,
              float* a,
              const int* ia,
              const int* ja,
              const int* desca,
              float* d,
              float* e,
              float* tau,
              float* work,
              const int* lwork,
              int* info);
void psormtr_(const char* side,
              const char* uplo,
              const char* trans,
              const int* m,
              const int* n,
              const float* a,
              const int* ia,
              const int* ja,
              const int* desca,
              const float* tau,
              float* c,
              const int* ic,
              const int* jc,
              const int* descc,
              float* work,
              const int* lwork,
              int* info);

static const int kOne = 1;

static int BeginGrid(const struct FloatProblem* p, int* descriptor) {
  const int zero = 0;
  int context = 0, info = 0;
  Cblacs_get(0, 0, &context);
  Cblacs_gridinit(&context, "C", p->grid_rows, p->grid_cols);
  descinit_(descriptor,
            &p->size,
            &p->size,
            &p->block,
            &p->block,
            &zero,
            &zero,
            &context,
            &p->local_rows,
            &info);
  return context;
}

static int Reduce(const struct FloatProblem* p, const int* descriptor, float* work, int size) {
  int info = 0;
  pssytrd_("L",
           &p->size,
           p->matrix,
           &kOne,
           &kOne,
           descriptor,
           p->diagonal,
           p->off_diagonal,
           p->reflector_scales,
           work,
           &size,
           &info);
  return info;
}

static int Back(const struct FloatProblem* p, const int* descriptor, float* work, int size) {
  int info = 0;
  psormtr_("L",
           "L",
           "N",
           &p->size,
           &p->size,
           p->matrix,
           &kOne,
           &kOne,
           descriptor,
           p->reflector_scales,
           p->vectors,
           &kOne,
           &kOne,
           descriptor,
           work,
           &size,
           &info);
  return info;
}

/* Asks for the size of the work, which comes rounded to float32, and does it. */
static const char* WithWork(const struct FloatProblem* p,
                            int (*routine)(const struct FloatProblem*, const int*, float*, int)) {
  int descriptor[9];
  const int context = BeginGrid(p, descriptor);
  float asked = 0, *work = NULL;
  int info = routine(p, descriptor, &asked, -1);
  const int size = (int)(asked * 1.000001f) + 64;
  if (info == 0 && (work = malloc((size_t)size * sizeof(float))) != NULL)
    info = routine(p, descriptor, work, size);
  else
    info = -1;
  free(work);
  Cblacs_gridexit(context);
  return info == 0 ? NULL : "scalapack refuses the problem or finds no memory for it";
}

const char* ReduceToTridiagonal(const struct FloatProblem* p) { return WithWork(p, Reduce); }
const char* TransformBack(const struct FloatProblem* p) { return WithWork(p, Back); }
