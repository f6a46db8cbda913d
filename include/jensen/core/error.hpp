#pragma once

#include <stdexcept>
#include <string>

namespace jensen {

/// What the process returns, by cause; 1 is left to mpirun and numbers above 128 to signals.
enum class ExitCode : int {
  success = 0,
  usage = 2,           // a command line or config file that cannot be understood
  input_rejected = 3,  // data or a model file that cannot be used
  numerical_failure = 4,
  checkpoint_refused = 5,
  io_failure = 6,     // a file or directory that cannot be written
  not_converged = 7,  // only with --require-convergence
  unexpected = 70,    // a defect of jensen, or the machine (out of memory, MPI failure)
  stopped = 75,       // on request, with a valid checkpoint: requeue me
};

/// What is quoted of an input may break lines or steer a terminal: such bytes become question marks.
inline std::string in_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return text;
}

/// A foreseen failure. The text says what was found, what was expected and what to do: lower case, no full
/// stop, values quoted. Thrown alike on every rank, or passed through `Communicator::agree`.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& text) : std::runtime_error(in_one_line(text)), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

struct UsageError : Error {
  explicit UsageError(const std::string& text) : Error(ExitCode::usage, text) {}
};
struct InputError : Error {
  explicit InputError(const std::string& text) : Error(ExitCode::input_rejected, text) {}
};
struct NumericalError : Error {
  explicit NumericalError(const std::string& text) : Error(ExitCode::numerical_failure, text) {}
};
struct CheckpointError : Error {
  explicit CheckpointError(const std::string& text) : Error(ExitCode::checkpoint_refused, text) {}
};
struct IoError : Error {
  explicit IoError(const std::string& text) : Error(ExitCode::io_failure, text) {}
};

/// Throws the kind of Error that goes with the code.
[[noreturn]] inline void throw_error(ExitCode code, const std::string& text) {
  switch (code) {
    case ExitCode::usage:
      throw UsageError(text);
    case ExitCode::input_rejected:
      throw InputError(text);
    case ExitCode::numerical_failure:
      throw NumericalError(text);
    case ExitCode::checkpoint_refused:
      throw CheckpointError(text);
    case ExitCode::io_failure:
      throw IoError(text);
    default:
      throw Error(code, text);
  }
}

}  // namespace jensen
