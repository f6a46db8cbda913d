#pragma once

#include <mpi.h>

#include <cstddef>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/pulse.hpp"
#include "jensen/core/stopwatch.hpp"

namespace jensen {

/// The MPI side of a communicator: a duplicate of MPI_COMM_WORLD that returns its errors.
struct Communicator::Group {
  Group();
  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  MPI_Comm comm = MPI_COMM_NULL;
  MPI_Op merge_op = MPI_OP_NULL;
  MPI_Datatype element_type = MPI_DATATYPE_NULL;
  int rank = 0;
  int size = 1;
  double seconds = 0;
};

/// Adds the life of the object, a call that waits for other ranks, to a number of seconds.
class Meter {
 public:
  explicit Meter(double& seconds) : seconds_(seconds) { Pulse::waiting = true; }
  ~Meter() {
    Pulse::waiting = false;
    seconds_ += watch_.seconds();
  }

 private:
  double& seconds_;
  Stopwatch watch_;
};

/// Ends the job with a sentence if an MPI call failed.
void check_mpi(int status, const char* call, MPI_Comm comm = MPI_COMM_WORLD);

/// The one place where a count becomes an int.
int mpi_count(std::size_t count);

}  // namespace jensen
