#pragma once

#include <functional>
#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/types.hpp"
#include "jensen/data/response_shard.hpp"
#include "sample_request.hpp"

namespace jensen::app {

/// Writes `request.records` draws of parameters to "/draws", a row each, their names beside them: every rank
/// its own, piece by piece. Collective.
void draw_parameters(const std::function<Vector(Index)>& draw, const std::vector<std::string>& names,
                     const Document& document, const SampleRequest& request, const Communicator& comm);

/// Throws before anything is drawn where there is no room for `request.records` responses of each record, in
/// the file or in memory. Collective.
void require_room_for_responses(const Partition& partition, const SampleRequest& request,
                                const std::string& model_file, const Communicator& comm);

/// Writes responses to "/responses", a row for each record of the shard, as `draw` says of its blocks, B x
/// `request.records`; where there are `classes`, it says numbers of these. Collective.
void draw_responses(const std::function<RowMatrix(const ResponseBlock&)>& draw, const ResponseShard& shard,
                    const std::vector<std::int64_t>& classes, const Document& document,
                    const SampleRequest& request, const Communicator& comm);

}  // namespace jensen::app
