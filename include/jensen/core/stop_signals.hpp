#pragma once

#include <string>

namespace jensen {

/// Turns SIGUSR1, SIGUSR2, SIGTERM and SIGINT from an end of the process into a request to stop soon. The
/// handlers stay to the end of the process: a signal that comes again, or late, changes nothing. A write
/// beyond the limit of file sizes, or to a pipe that nobody reads, no longer ends the process either: it
/// fails.
void catch_stop_signals();

/// Whether one has come.
bool stop_signalled();

/// The first that came: "SIGTERM"; empty if none has.
std::string stop_signal_name();

}  // namespace jensen
