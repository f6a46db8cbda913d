#pragma once

#include "jensen/core/document.hpp"
#include "jensen/fit/history.hpp"

namespace jensen {

/// Attributes of "/" that say what kind of file it is.
void record_format(Document& document);

/// How far a fit has come: attributes of "/fit" (objective, iteration, converged, stop_reason ...), the
/// "/fit/trace" and "/fit/repairs"; objectives as reported, in the data's units. Before the first evaluation
/// there is no "objective".
void record_progress(const Progress& progress, const ObjectiveUnits& units, StopReason stopped,
                     Document& document);

/// The table "/fit/restarts" and what sums it up; `weight` is the total weight of the records.
void record_restarts(const History& history, const ObjectiveUnits& units, double weight, Document& document);

}  // namespace jensen
