#include "jensen/fit/run.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"

namespace jensen {

void Run::go_on(const std::function<void()>& load) {
  try {
    load();
  } catch (const InputError& error) {
    throw CheckpointError(fmt::format(
        "the checkpoint's state cannot be gone on from: {}; use another checkpoint", error.what()));
  }
}

void Run::require_stage(const Stage& met) const {
  throw CheckpointError(
      fmt::format("the checkpoint stands in stage '{}' of restart {} of {} (this run has '{}' of restart {} "
                  "of {} and none before it "
                  "of that name); use the options that the checkpoint was written with",
                  waiting_->stage.name, waiting_->stage.restart + 1, waiting_->stage.restarts, met.name,
                  met.restart + 1, met.restarts));
}

}  // namespace jensen
