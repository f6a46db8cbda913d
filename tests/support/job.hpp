#pragma once

#include <sstream>
#include <streambuf>
#include <string>

#include "jensen/comm/communicator.hpp"

namespace test {

/// The ranks of one run of the tests: rank 0 reports, the others keep what they write to std::cout.
///
/// When a rank has failed and others have not, those may wait for it in a collective call for ever, so the
/// job is ended there.
class Job {
 public:
  explicit Job(jensen::Communicator world);
  ~Job();
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  const jensen::Communicator& world() const { return world_; }

  /// The ranks meet after each pass through a test case; ends the job if only some have failed, or if this
  /// rank has failed and others do not come.
  void meet(bool failed);

  /// Prints what was kept if this rank failed; returns the largest exit code of all ranks.
  int finish(int code);

 private:
  void print_kept(const std::string& reason);
  [[noreturn]] void end(const std::string& reason);

  jensen::Communicator world_;
  std::ostringstream kept_;
  std::streambuf* shown_ = nullptr;  // where std::cout went before
  bool failed_before_ = false;
};

/// The job that main runs; null while tests are only listed.
Job*& current_job();

}  // namespace test
