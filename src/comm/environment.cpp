#include "jensen/comm/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <thread>

#include "group.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/standard_error.hpp"
#include "orphan_guard.hpp"

namespace jensen {
namespace {

bool started_by_launcher() {
  static constexpr std::array kMarks = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE",
                                        "SMPI_GLOBAL_SIZE"};
  for (const char* mark : kMarks) {
    if (std::getenv(mark) != nullptr) return true;
  }
  return false;
}

/// Whether srun started this process as one of several that know nothing of each other, each of which would
/// take itself for the whole job. One that serves a terminal (srun --pty) is alone on purpose.
bool is_lone_task(int world_size) {
  static constexpr std::array kExcuses = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "SLURM_PTY_PORT"};
  const char* const tasks = std::getenv("SLURM_STEP_NUM_TASKS");
  return world_size == 1 && tasks != nullptr && std::atoi(tasks) > 1 &&
         std::none_of(kExcuses.begin(), kExcuses.end(),
                      [](const char* name) { return std::getenv(name) != nullptr; });
}

bool mpi_is_up() {
  int started = 0, ended = 0;
  MPI_Initialized(&started);
  MPI_Finalized(&ended);
  return started != 0 && ended == 0;
}

[[noreturn]] void abort_job(int code) {
  std::fflush(nullptr);
  if (mpi_is_up()) MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

[[noreturn]] void on_terminate() {
  print_error("jensen: error: the program ended in std::terminate; the job ends here\n");
  abort_job(static_cast<int>(ExitCode::unexpected));
}

}  // namespace

Environment::Environment(int& argc, char**& argv) {
  std::set_terminate(&on_terminate);
  if (!started_by_launcher()) return;
  const bool simulated = std::getenv("SMPI_GLOBAL_SIZE") != nullptr;  // its ranks are no processes
  if (!simulated) guard_ = std::make_unique<OrphanGuard>();
  int provided = MPI_THREAD_SINGLE;  // threads that look on make no MPI calls
  if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
    print_error("jensen: error: MPI_Init failed; start jensen by mpirun of Open MPI, or alone\n");
    std::_Exit(static_cast<int>(ExitCode::unexpected));
  }
  world_ = Communicator(std::make_shared<Communicator::Group>());
  farewell_ = Communicator(std::make_shared<Communicator::Group>());
}

Environment::~Environment() {
  world_ = Communicator();
  farewell_ = Communicator();
  if (mpi_is_up()) check_mpi(MPI_Finalize(), "MPI_Finalize");
}

void Environment::abort(int code) const {
  abort_job(code);
}

bool Environment::all_ranks_arrive(std::chrono::milliseconds patience) const {
  if (farewell_.size() == 1) return true;
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(farewell_.group_->comm, &request), "MPI_Ibarrier");
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (int arrived = 0;;) {
    check_mpi(MPI_Test(&request, &arrived, MPI_STATUS_IGNORE), "MPI_Test");
    if (arrived != 0) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

int Environment::run(const std::function<int()>& program, std::chrono::milliseconds patience) {
  const auto print = [](const std::string& text) { print_error(fmt::format("{}\n", text)); };
  const int rank = world_.rank();
  if (is_lone_task(world_.size())) {
    const char* const task = std::getenv("SLURM_PROCID");
    if (task == nullptr || std::atoi(task) == 0) {
      print(
          fmt::format("jensen: error: srun started {} processes that are not connected (must be the ranks of "
                      "one job); use srun --mpi=pmix, or mpirun",
                      std::getenv("SLURM_STEP_NUM_TASKS")));
    }
    return static_cast<int>(ExitCode::usage);
  }
  try {
    return program();
  } catch (const Error& error) {
    const int code = static_cast<int>(error.code());
    if (all_ranks_arrive(patience)) {
      if (rank == 0) print(fmt::format("jensen: error: {}", error.what()));
      return code;
    }
    print(fmt::format("jensen: error: {} (rank {} alone; the job ends here)", error.what(), rank));
    abort(code);
  } catch (const std::bad_alloc&) {
    print(
        fmt::format("jensen: error: out of memory on rank {}; use more nodes, or fewer ranks on each", rank));
  } catch (const std::exception& error) {
    print(fmt::format("jensen: error: unexpected failure on rank {}: {}; please report it", rank,
                      error.what()));
  }
  abort(static_cast<int>(ExitCode::unexpected));
}

}  // namespace jensen
