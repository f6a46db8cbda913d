#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "jensen/core/options.hpp"
#include "jensen/io/lasting_run.hpp"
#include "settings.hpp"

namespace jensen::app {

/// Seconds in "90", "90s", "10min", "8h", "2d", "1:30:00" or "1-12:00:00"; throws UsageError naming the
/// option.
double parse_duration(const std::string& name, const std::string& text);

/// Seconds from `now` to the end of a duration as above, or to a moment: "2026-01-31T18:00" or with ":30",
/// local time, or "@1769871600", seconds since 1970. Throws UsageError where it is not in the future.
double seconds_until(const std::string& name, const std::string& text, std::time_t now);

/// What the settings say of checkpoints; throws UsageError. Collective; the deadline is rank 0's to know.
io::LastingOptions lasting_options(const FitSettings& settings, const Communicator& comm);

/// Throws CheckpointError unless the checkpoint is of this model, with the same options where they change the
/// result; the sentence names the first that differs.
void require_same_options(const Document& checkpoint, const std::string& model,
                          const std::vector<Option>& options);

/// The sentence on a run that was asked to stop.
std::string stop_sentence(const io::LastingRun& run, const FitSettings& settings);

}  // namespace jensen::app
