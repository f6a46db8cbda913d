#include "group.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <limits>
#include <stdexcept>

#include "jensen/core/error.hpp"
#include "jensen/core/standard_error.hpp"

namespace jensen {
namespace {

void merge_elements(void* from, void* into, int* count, MPI_Datatype*) {
  const auto length = static_cast<std::size_t>(*count);
  ExactSum::merge_elements({static_cast<const ExactSum::Element*>(from), length},
                           {static_cast<ExactSum::Element*>(into), length});
}

}  // namespace

void check_mpi(int status, const char* call, MPI_Comm comm) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "unknown error";
  int length = 0, rank = -1;
  MPI_Error_string(status, text, &length);
  MPI_Comm_rank(comm, &rank);
  print_error(fmt::format("jensen: error: {} failed on rank {}: {}; the job ends here\n", call, rank, text));
  MPI_Abort(comm, static_cast<int>(ExitCode::unexpected));
}

int mpi_count(std::size_t count) {
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw std::length_error("a count beyond INT_MAX reached MPI");
  }
  return static_cast<int>(count);
}

Communicator::Group::Group() {
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &comm), "MPI_Comm_dup");
  check_mpi(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check_mpi(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(comm, &size), "MPI_Comm_size");
  static_assert(sizeof(ExactSum::Element) == 4 * sizeof(std::int64_t));
  check_mpi(MPI_Type_contiguous(4, MPI_INT64_T, &element_type), "MPI_Type_contiguous");
  check_mpi(MPI_Type_commit(&element_type), "MPI_Type_commit");
  check_mpi(MPI_Op_create(&merge_elements, /*commutative=*/1, &merge_op), "MPI_Op_create");
}

Communicator::Group::~Group() {
  check_mpi(MPI_Op_free(&merge_op), "MPI_Op_free");
  check_mpi(MPI_Type_free(&element_type), "MPI_Type_free");
  check_mpi(MPI_Comm_free(&comm), "MPI_Comm_free");
}

}  // namespace jensen
