#include "commands.hpp"
#include "jensen/comm/environment.hpp"

int main(int argc, char** argv) {
  jensen::Environment environment(argc, argv);
  return environment.run([&] {
    return jensen::app::run_command({argv + 1, argv + argc}, environment.world());
  });
}
