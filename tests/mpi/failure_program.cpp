#include <exception>
#include <map>
#include <new>
#include <stdexcept>
#include <string>

#include "jensen/comm/environment.hpp"
#include "jensen/core/error.hpp"

namespace {

using Failure = void (*)();

void without_exceptions(Failure fail) noexcept {
  fail();
}

const std::map<std::string, Failure> kFailures = {
    {"error", [] { throw jensen::InputError("record 17 holds NaN"); }},
    {"bad_alloc", [] { throw std::bad_alloc(); }},
    {"logic_error", [] { throw std::logic_error("a planted defect"); }},
    {"noexcept", [] { without_exceptions([] { throw std::runtime_error("not allowed here"); }); }},
    {"terminate", [] { std::terminate(); }},
};

}  // namespace

/// failure_program FAILURE all|RANK: fails like that on all ranks or on one, while the others wait in a
/// collective call that can never complete.
int main(int argc, char** argv) {
  jensen::Environment environment(argc, argv);
  return environment.run([&] {
    const jensen::Communicator world = environment.world();
    const Failure fail = kFailures.at(argv[1]);
    const std::string where = argv[2];
    if (where == "all" || std::stoi(where) == world.rank()) fail();
    world.barrier();
    return 0;
  });
}
