#include "jensen/core/stop_signals.hpp"

#include <array>
#include <csignal>
#include <utility>

namespace jensen {
namespace {

constexpr std::array<std::pair<int, const char*>, 4> kSignals = {
    {{SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"}, {SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}}};

volatile std::sig_atomic_t first_signal = 0;

extern "C" void note_signal(int number) {
  if (first_signal == 0) first_signal = number;
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = &note_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const auto& [number, name] : kSignals) sigaction(number, &action, nullptr);
  // A write beyond the limit of file sizes, or to a reader that has gone, then fails like one on a full disk.
  action.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &action, nullptr);
  sigaction(SIGPIPE, &action, nullptr);
}

bool stop_signalled() {
  return first_signal != 0;
}

std::string stop_signal_name() {
  for (const auto& [number, name] : kSignals) {
    if (number == first_signal) return name;
  }
  return "";
}

}  // namespace jensen
