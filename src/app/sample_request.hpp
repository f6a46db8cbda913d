#pragma once

#include <cstdint>
#include <string>

#include "console.hpp"
#include "jensen/core/document.hpp"
#include "settings.hpp"

namespace jensen::app {

/// What the settings of `jensen sample` ask for.
struct SampleRequest {
  Index records = 0;
  std::uint64_t seed = 1;
  bool predictive = false;  // data from the posterior predictive, where others would be drawn
  std::string data = {};    // the records whose responses are drawn then
  std::string output = {};
  ProgressStyle progress = ProgressStyle::none;
  bool json = false;
};
/// Throws UsageError where the settings do not say it.
SampleRequest sample_request(const SampleSettings& settings);

/// Throws before anything is drawn where the output is an input, or cannot be written, or has no room
/// for so many bytes; `what` would be drawn.
void require_room_for_sample(const SampleRequest& request, double bytes, const std::string& what,
                             const std::string& model_file);

/// Says where drawn records come from.
Document sample_header(const Document& model, const SampleRequest& request);

}  // namespace jensen::app
