#include <fmt/format.h>

#include <array>

#include "jensen/core/error.hpp"
#include "topics.hpp"

namespace jensen::app::help {
namespace {

struct Meaning {
  ExitCode code;
  const char* text;
};
constexpr std::array kMeanings = {
    Meaning{ExitCode::success, "done"},
    Meaning{ExitCode::usage, "a command line or config file that cannot be understood"},
    Meaning{ExitCode::input_rejected, "data or a model file that cannot be used"},
    Meaning{ExitCode::numerical_failure, "a numerical failure"},
    Meaning{ExitCode::checkpoint_refused, "a checkpoint that cannot be gone on from"},
    Meaning{ExitCode::io_failure, "a file or directory that cannot be written"},
    Meaning{ExitCode::not_converged, "no tolerance was met, with --require-convergence"},
    Meaning{ExitCode::unexpected, "an unexpected failure; mpirun itself returns 1"},
    Meaning{ExitCode::stopped, "stopped on request or before the deadline, with a checkpoint: run it again"},
};

}  // namespace

Page exit_codes_page() {
  std::vector<Row> rows;
  for (const auto& [code, text] : kMeanings)
    rows.push_back({fmt::format("{:>2}", static_cast<int>(code)), text});
  return Page().heading("exit codes").rows(rows);
}

}  // namespace jensen::app::help
