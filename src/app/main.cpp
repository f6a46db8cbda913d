#include <string_view>

#include "commands.hpp"
#include "jensen/comm/environment.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/stop_signals.hpp"
#include "print.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "fit") jensen::catch_stop_signals();
  jensen::Environment environment(argc, argv);
  return environment.run([&] {
    const int code = jensen::app::run_command({argv + 1, argv + argc}, environment.world());
    const bool has_result = code == 0 || code == static_cast<int>(jensen::ExitCode::not_converged);
    if (has_result) environment.world().on_root(&jensen::app::require_printed);
    return code;
  });
}
