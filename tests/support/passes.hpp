#pragma once

#include <optional>

#include "jensen/data/shard.hpp"
#include "jensen/fit/accumulate.hpp"

namespace test {

/// The sums of one serial pass at the model's prepared parameters, every block with a fresh cache.
template <class M>
typename M::Sums pass(const M& model, const jensen::DenseShard& shard) {
  auto sums = model.make_sums();
  jensen::accumulate(shard, jensen::Communicator(), sums,
                     [&](const jensen::DenseBlock& block, jensen::Index, typename M::Sums& s) {
                       typename M::Cache cache;
                       model.local_step(block, cache, s);
                     });
  return sums;
}

/// All records as one block, for what a model says record by record.
class WholeBlock {
 public:
  explicit WholeBlock(const jensen::DenseShard& shard) {
    const jensen::Index rows = shard.partition().own_records();
    jensen::DenseShard whole({.records = rows, .block_rows = rows}, shard.features(),
                             jensen::DenseShard::Storage::float64, shard.weighted());
    for (jensen::Index n = 0; n < rows; ++n) {
      const jensen::RowVector record = shard.original_record(n);
      const double weight = shard.own_weight(n);
      whole.fill(n, 1, record.data());
      if (shard.weighted()) whole.fill_weights(n, {&weight, 1});
    }
    whole_ = whole.with_transform(shard.transform());
    block_.emplace(whole_->block(0, buffer_));
  }
  const jensen::DenseBlock& operator*() const { return *block_; }
  const jensen::DenseBlock* operator->() const { return &*block_; }

 private:
  std::optional<jensen::DenseShard> whole_;
  jensen::DenseShard::Buffer buffer_;
  std::optional<jensen::DenseBlock> block_;
};

}  // namespace test
