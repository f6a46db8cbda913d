#include "support/job.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>
#include <utility>

#include "jensen/core/stopwatch.hpp"
#include "support/world.hpp"

namespace test {
namespace {

constexpr double kPatience = 5;  // seconds that a failed rank waits for the others

}  // namespace

Job::Job(jensen::Communicator world) : world_(std::move(world)) {
  if (!world_.is_root()) shown_ = std::cout.rdbuf(kept_.rdbuf());
  current_job() = this;
}

Job::~Job() {
  current_job() = nullptr;
  if (shown_ != nullptr) std::cout.rdbuf(shown_);
}

void Job::meet(bool failed) {
  if (world_.size() == 1) return;
  int mine = failed ? 1 : 0, all = 0, here = 0;
  failed_before_ = failed_before_ || failed;
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Iallreduce(&mine, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD, &request);
  const jensen::Stopwatch watch;
  while (MPI_Test(&request, &here, MPI_STATUS_IGNORE) == MPI_SUCCESS && here == 0) {
    if (failed_before_ && watch.seconds() > kPatience) end("it failed and others do not finish the test");
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  if (all == 0 || all == world_.size()) return;
  if (failed) print_kept("failed where others did not; the job ends here");
  MPI_Barrier(MPI_COMM_WORLD);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

int Job::finish(int code) {
  if (code != 0 && !world_.is_root()) print_kept("failed");
  return static_cast<int>(world_.max(std::int64_t{code}));
}

void Job::print_kept(const std::string& reason) {
  std::string text = fmt::format("[rank {}] {}\n", world_.rank(), reason);
  std::istringstream lines(kept_.str());
  for (std::string line; std::getline(lines, line);)
    text += fmt::format("[rank {}] {}\n", world_.rank(), line);
  std::cout.flush();
  fmt::print(stderr, "{}", text);
  std::fflush(stderr);
}

void Job::end(const std::string& reason) {
  print_kept(reason + "; the job ends here");
  MPI_Abort(MPI_COMM_WORLD, 1);
  std::abort();
}

Job*& current_job() {
  static Job* job = nullptr;
  return job;
}

const jensen::Communicator& world() {
  return current_job()->world();
}

std::vector<int> ranks_failing(bool condition) {
  std::vector<int> mine;
  if (!condition) mine.push_back(world().rank());
  return world().all_gather(std::span<const int>(mine));
}

}  // namespace test
