// Config files of `jensen fit gmm`.

#include "app/command_line.hpp"
#include "app/settings.hpp"
#include "jensen/models/gmm/options.hpp"
#include "target.hpp"

namespace jensen::app {

/// The list of commands, which knows every model, is not part of reading.
std::vector<std::string> commands_with(const std::string&) {
  return {};
}

}  // namespace jensen::app

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  jensen::app::FitSettings settings;
  jensen::gmm::Options own;
  const std::string file = fuzz::as_file({data, size}).string();
  return fuzz::accept_or_refuse([&] {
    jensen::app::parse_command_line({"--config", file},
                                    {{"", jensen::options_of(settings)}, {"", jensen::options_of(own)}});
  });
}
