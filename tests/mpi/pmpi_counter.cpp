#include "pmpi_counter.hpp"

#include <mpi.h>

#include <numeric>

namespace test {
namespace {

Traffic counted;

void count_bytes(int count, MPI_Datatype type) {
  int size = 0;
  PMPI_Type_size(type, &size);
  counted.bytes += std::int64_t{count} * size;
}

void count_call(int count, MPI_Datatype type) {
  ++counted.calls;
  count_bytes(count, type);
}

int sum_over_ranks(const int* counts, MPI_Comm comm) {
  int size = 0;
  PMPI_Comm_size(comm, &size);
  return std::accumulate(counts, counts + size, 0);
}

}  // namespace

Traffic traffic() {
  return counted;
}

}  // namespace test

using test::count_bytes;
using test::count_call;
using test::sum_over_ranks;

// Those that the library calls, and those that a change of it would most likely call; pmpi_counter_test.py
// finds any that is missing.
extern "C" {

int MPI_Allreduce(const void* from, void* into, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {
  count_call(count, type);
  return PMPI_Allreduce(from, into, count, type, op, comm);
}

int MPI_Reduce(const void* from, void* into, int count, MPI_Datatype type, MPI_Op op, int root,
               MPI_Comm comm) {
  count_call(count, type);
  return PMPI_Reduce(from, into, count, type, op, root, comm);
}

int MPI_Bcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  count_call(count, type);
  return PMPI_Bcast(buffer, count, type, root, comm);
}

int MPI_Send(const void* from, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm) {
  count_call(count, type);
  return PMPI_Send(from, count, type, to, tag, comm);
}

int MPI_Isend(const void* from, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
  count_call(count, type);
  return PMPI_Isend(from, count, type, to, tag, comm, request);
}

int MPI_Recv(void* into, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm, MPI_Status* status) {
  count_call(count, type);
  return PMPI_Recv(into, count, type, from, tag, comm, status);
}

int MPI_Sendrecv(const void* from, int count, MPI_Datatype type, int to, int tag, void* into, int most,
                 MPI_Datatype as, int source, int their_tag, MPI_Comm comm, MPI_Status* status) {
  count_call(count, type);
  count_bytes(most, as);
  return PMPI_Sendrecv(from, count, type, to, tag, into, most, as, source, their_tag, comm, status);
}

int MPI_Gather(const void* from, int count, MPI_Datatype type, void* into, int each, MPI_Datatype as,
               int root, MPI_Comm comm) {
  count_call(count, type);
  return PMPI_Gather(from, count, type, into, each, as, root, comm);
}

int MPI_Gatherv(const void* from, int count, MPI_Datatype type, void* into, const int* each, const int* where,
                MPI_Datatype as, int root, MPI_Comm comm) {
  count_call(count, type);
  return PMPI_Gatherv(from, count, type, into, each, where, as, root, comm);
}

int MPI_Allgather(const void* from, int count, MPI_Datatype type, void* into, int each, MPI_Datatype as,
                  MPI_Comm comm) {
  count_call(count, type);
  return PMPI_Allgather(from, count, type, into, each, as, comm);
}

int MPI_Allgatherv(const void* from, int count, MPI_Datatype type, void* into, const int* each,
                   const int* where, MPI_Datatype as, MPI_Comm comm) {
  count_call(sum_over_ranks(each, comm), as);
  return PMPI_Allgatherv(from, count, type, into, each, where, as, comm);
}

}  // extern "C"
