#pragma once

#include <memory>
#include <vector>

#include "jensen/data/response_block.hpp"
#include "jensen/data/shard.hpp"

namespace jensen {

/// Dense records of one rank, each with a response and the number of its group, where there are such.
///
/// Copies share all of them.
class ResponseShard {
 public:
  using Block = ResponseBlock;
  using Buffer = DenseShard::Buffer;

  /// `responses` and `groups`: of the own records, or empty.
  explicit ResponseShard(DenseShard features, std::vector<double> responses = {},
                         std::vector<Index> groups = {});

  const DenseShard& features() const { return features_; }
  const Partition& partition() const { return features_.partition(); }
  const DataInfo& info() const { return features_.info(); }
  Index block_count() const { return features_.block_count(); }
  Index global_records() const { return features_.global_records(); }
  const std::vector<double>& responses() const { return columns_->responses; }
  const std::vector<Index>& groups() const { return columns_->groups; }

  /// The i-th own block; valid until the buffer is used again.
  ResponseBlock block(Index i, Buffer& buffer) const;

 private:
  struct Columns {
    std::vector<double> responses;
    std::vector<Index> groups;
  };

  DenseShard features_;
  std::shared_ptr<const Columns> columns_;
};

}  // namespace jensen
