#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "jensen/core/large_array.hpp"
#include "jensen/data/block.hpp"
#include "jensen/data/partition.hpp"
#include "jensen/data/transform.hpp"

namespace jensen {

/// What is known of a data set beside its records.
struct DataInfo {
  std::string source = "the data";              // for messages: "file.h5:/data"
  std::vector<std::string> feature_names = {};  // D, or empty
};

/// The dense records of one rank, kept as read (float or double), record by record.
///
/// Copies share the records; `with_transform` gives the same records in other internal coordinates.
class DenseShard {
 public:
  using Block = DenseBlock;
  enum class Storage { float32, float64 };

  /// Where a block is prepared: belongs to whoever walks over the blocks.
  struct Buffer {
    AlignedVector<double> values;
    AlignedVector<double> transform;  // shift and scale
    AlignedVector<double> weights;
  };

  DenseShard(Partition partition, Index features, Storage storage, bool weighted, DataInfo info = {});

  /// Takes `rows` records, row-major, the first being this rank's record number `first_own`.
  void fill(Index first_own, Index rows, const float* values);
  void fill(Index first_own, Index rows, const double* values);
  void fill_weights(Index first_own, std::span<const double> weights);

  const Partition& partition() const { return records_->partition; }
  const DataInfo& info() const { return records_->info; }
  Index global_records() const { return partition().records; }
  Index features() const { return records_->features; }
  bool weighted() const { return records_->weighted; }
  Index block_count() const { return partition().own_blocks(); }

  /// The i-th own block in internal coordinates; valid until the buffer is used again.
  DenseBlock block(Index i, Buffer& buffer) const;

  /// The same blocks with their records as kept, `DenseBlock::records` being null: for whoever reads the few
  /// that it needs, or each but once, by `TileReader`.
  class StoredView;
  StoredView stored() const;

  const Transform& transform() const { return transform_; }
  DenseShard with_transform(Transform transform) const;

  /// The own record number `own` as read, and its weight.
  RowVector original_record(Index own) const;
  double own_weight(Index own) const {
    return weighted() ? records_->weights[static_cast<std::size_t>(own)] : 1.0;
  }

 private:
  struct Records {
    Partition partition;
    Index features;
    bool weighted;
    DataInfo info;
    std::variant<LargeArray<float>, LargeArray<double>> values;
    std::vector<double> weights;
  };

  std::span<const double> weights_of(Index i, Buffer& buffer) const;
  DenseBlock stored_block(Index i, Buffer& buffer) const;
  template <class T>
  void fill_as(Index first_own, Index rows, const T* values);

  std::shared_ptr<Records> records_;
  Transform transform_;
};

class DenseShard::StoredView {
 public:
  using Block = DenseBlock;
  using Buffer = DenseShard::Buffer;

  explicit StoredView(const DenseShard& shard) : shard_(shard) {}

  Index block_count() const { return shard_.block_count(); }
  DenseBlock block(Index i, Buffer& buffer) const { return shard_.stored_block(i, buffer); }

 private:
  const DenseShard& shard_;
};

inline DenseShard::StoredView DenseShard::stored() const {
  return StoredView(*this);
}

/// A shard that holds these rows alone, for serial use (candidates of a start, small examples).
DenseShard make_serial_shard(const RowMatrix& rows, std::span<const double> weights = {});

}  // namespace jensen
