#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "jensen/comm/communicator.hpp"

namespace jensen {

class OrphanGuard;

/// Starts MPI if a launcher started this process, and ends it with the object. For `main` only: the library
/// never starts MPI. Without a launcher the program is serial and MPI is not touched. No rank outlives its
/// launcher.
class Environment {
 public:
  Environment(int& argc, char**& argv);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  Communicator world() const { return world_; }

  /// Runs the program and turns what it throws into an exit code, printed once, on standard error.
  ///
  /// An Error that every rank throws (they usually do: see `Communicator::agree`) is printed by rank 0 and
  /// returned. If some rank does not arrive within `patience`, or the exception is of another kind, the rank
  /// that failed prints it and ends the whole job (`MPI_Abort`), so no rank waits for ever.
  ///
  /// The program does not run, and the code is that of a usage error, where srun started several processes
  /// without connecting them (no --mpi=pmix): each would do all the work, and write the same files.
  int run(const std::function<int()>& program, std::chrono::milliseconds patience = std::chrono::seconds(3));

 private:
  bool all_ranks_arrive(std::chrono::milliseconds patience) const;
  [[noreturn]] void abort(int code) const;

  std::unique_ptr<OrphanGuard> guard_;
  Communicator world_;
  Communicator farewell_;  // apart from world_, where other ranks may be waiting
};

}  // namespace jensen
