#pragma once

#include <string>
#include <vector>

#include "jensen/core/options.hpp"
#include "jensen/io/lasting_run.hpp"
#include "settings.hpp"

namespace jensen::app {

/// Seconds in "90", "90s", "10min", "8h", "2d", "1:30:00" or "1-12:00:00"; throws UsageError naming the
/// option.
double parse_duration(const std::string& name, const std::string& text);

/// What the settings say of checkpoints; throws UsageError.
io::LastingOptions lasting_options(const FitSettings& settings);

/// Throws CheckpointError unless the checkpoint is of this model, with the same options where they change the
/// result; the sentence names the first that differs.
void require_same_options(const Document& checkpoint, const std::string& model,
                          const std::vector<Option>& options);

/// The sentence on a run that was asked to stop.
std::string stop_sentence(const io::LastingRun& run, const FitSettings& settings);

}  // namespace jensen::app
