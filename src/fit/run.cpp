#include "jensen/fit/run.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"

namespace jensen {

void Run::require_stage(const Stage& met) const {
  throw CheckpointError(
      fmt::format("the checkpoint stands in stage '{}' of restart {} of {} (this run has '{}' of restart {} "
                  "of {} and none before it "
                  "of that name); use the options that the checkpoint was written with",
                  waiting_->stage.name, waiting_->stage.restart + 1, waiting_->stage.restarts, met.name,
                  met.restart + 1, met.restarts));
}

void Run::restore_fields(const std::function<void(Archive&)>& describe, const State& state) const {
  const auto refuse = [&](const std::string& why) {
    throw CheckpointError(fmt::format(
        "'{}' is a checkpoint of another model: {}; go on with the program and options that wrote "
        "it, or name another directory to begin anew",
        origin_, why));
  };
  LoadingArchive loading(state);
  try {
    describe(loading);
  } catch (const InputError& error) {
    refuse(error.what());
  }
  SavingArchive saving;
  describe(saving);
  const State described = saving.take();
  const auto require_described = [&](const auto& stored, const auto& listed) {
    for (const auto& [name, values] : stored) {
      if (listed.contains(name)) continue;
      refuse(fmt::format("'{}' in the saved state is not listed by the model's describe", name));
    }
  };
  require_described(state.numbers, described.numbers);
  require_described(state.integers, described.integers);
}

}  // namespace jensen
