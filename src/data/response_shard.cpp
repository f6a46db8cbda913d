#include "jensen/data/response_shard.hpp"

namespace jensen {

ResponseShard::ResponseShard(DenseShard features, std::vector<double> responses, std::vector<Index> groups)
    : features_(std::move(features)),
      columns_(std::make_shared<Columns>(Columns{std::move(responses), std::move(groups)})) {}

ResponseBlock ResponseShard::block(Index i, Buffer& buffer) const {
  ResponseBlock block{.features = features_.block(i, buffer)};
  const auto first = static_cast<std::size_t>(block.features.first_record - partition().first_record());
  const auto rows = static_cast<std::size_t>(block.rows());
  if (!responses().empty()) block.responses = std::span(responses()).subspan(first, rows);
  if (!groups().empty()) block.groups = std::span(groups()).subspan(first, rows);
  return block;
}

}  // namespace jensen
